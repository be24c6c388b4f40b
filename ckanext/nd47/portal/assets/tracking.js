/* Tells the portal of a visit and of a file that is opened, as CKAN's own script does with jQuery. */
(function () {
  'use strict';
  var meta = function (name) {
    var element = document.head.querySelector('meta[name=' + name + ']');
    return element ? element.content : '/';
  };
  function tell(url, type) {
    navigator.sendBeacon(meta('site-root') + '_tracking', new URLSearchParams({ url: url, type: type }));
  }
  var root = new URL(meta('locale-root'), location.href).pathname;
  var path = location.pathname;
  if (path.indexOf(root) === 0) { path = '/' + path.slice(root.length).replace(/^\/+/, ''); }
  tell(path.replace(/\/+$/, ''), 'page');
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a.resource-url-analytics');
    if (link) { tell(link.getAttribute('href'), 'resource'); }
  });
})();
