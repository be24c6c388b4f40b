/* Names in addresses from Vietnamese titles, as `names.slug` makes them on the server. */
(function (root) {
  'use strict';

  var PLAIN = {
    'đ': 'd', 'Đ': 'd', 'ð': 'd', 'Ð': 'd', 'ø': 'o', 'Ø': 'o', 'ł': 'l', 'Ł': 'l',
    'æ': 'ae', 'Æ': 'ae', 'œ': 'oe', 'Œ': 'oe', 'þ': 'th', 'Þ': 'th', 'ı': 'i'
  };
  var LONGEST = 95;

  function toAscii(text) {
    return text
      .replace(/[\t\n\v\f\r]/g, ' ')
      .replace(/[đĐðÐøØłŁæÆœŒþÞı]/g, function (letter) { return PLAIN[letter]; })
      .normalize('NFKD')
      .replace(/\p{Zs}/gu, ' ')
      .replace(/\p{Pd}/gu, '-')
      .replace(/[^\x00-\x7f]/gu, '');
  }

  function slugify(text, trim) {
    var name = toAscii(text).replace(/[ .:/]/g, '-').replace(/[^a-zA-Z0-9_-]/g, '').toLowerCase();
    if (trim === false) { return name; }
    name = name.replace(/-+/g, '-').replace(/^-|-$/g, '');
    if (name.length > LONGEST) {
      var years = /^.*?[_-]((?:\d{2,4}[-/])?\d{2,4})$/.exec(name);
      var end = years ? '-' + years[1] : '';
      name = name.slice(0, LONGEST - end.length) + end;
    }
    return name.length === 1 ? name + '_' : name;
  }

  if (root.jQuery && root.jQuery.url) { root.jQuery.url.slugify = slugify; }
  root.nd47 = root.nd47 || {};
  root.nd47.slugify = slugify;
}(this));
