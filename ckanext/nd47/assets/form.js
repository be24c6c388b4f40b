/* What the forms of the suite do beyond what a browser does by itself. */

/* Hides the boxes of a long list whose names do not hold what was typed. */
this.ckan.module('nd47-filter', function () {
  'use strict';
  return {
    initialize: function () {
      var root = this.el[0];
      var bar = root.querySelector('[data-nd47-filter]');
      var input = bar.querySelector('input');
      var status = bar.querySelector('[data-nd47-filter-status]');
      var boxes = Array.prototype.slice.call(root.querySelectorAll('.form-check'));
      bar.hidden = false;
      input.addEventListener('input', function () {
        var shown = boxes.filter(function (box) {
          box.hidden = !window.nd47.match(box.textContent.trim(), input.value);
          return !box.hidden;
        });
        status.textContent = root.dataset.nd47Found
          .replace('{count}', shown.length).replace('{total}', boxes.length);
      });
      // Enter would send the form.
      input.addEventListener('keydown', function (event) {
        if (event.key === 'Enter') { event.preventDefault(); }
      });
    }
  };
});

/* Adds and removes groups of subfields. The numbers in the names only have to differ. */
this.ckan.module('nd47-groups', function () {
  'use strict';
  return {
    initialize: function () {
      this.root = this.el[0];
      this.list = this.root.querySelector('[data-nd47-list]');
      this.add = this.root.querySelector('[data-nd47-add]');
      this.next = this.list.children.length;
      this.add.hidden = false;
      this.add.addEventListener('click', this._onAdd.bind(this));
      Array.prototype.forEach.call(this.list.children, this._ready, this);
    },

    _ready: function (group) {
      var remove = group.querySelector('[data-nd47-remove]');
      remove.hidden = false;
      remove.addEventListener('click', this._onRemove.bind(this, group));
    },

    _onAdd: function () {
      var template = this.root.querySelector('[data-nd47-template]');
      var holder = document.createElement('div');
      holder.innerHTML = template.innerHTML
        .replace(/NUMBER0/g, this.next).replace(/NUMBER1/g, this.next + 1);
      var group = holder.firstElementChild;
      this.next += 1;
      this.list.append(group);
      this._ready(group);
      Array.prototype.forEach.call(group.querySelectorAll('[data-module]'), function (element) {
        window.ckan.module.initializeElement(element);
      });
      group.querySelector('input:not([type=hidden]), select, textarea').focus();
    },

    _onRemove: function (group) {
      var status = this.root.querySelector('[data-nd47-status]');
      group.remove();
      status.textContent = status.dataset.nd47Removed;
      this.add.focus();
    }
  };
});

/* Keeps file and address of a resource apart, and names the resource after its file. */
this.ckan.module('nd47-upload', function () {
  'use strict';
  return {
    initialize: function () {
      var form = this.el[0].closest('form');
      var file = form.querySelector('[name=upload]');
      var address = form.querySelector('#field-resource-url');
      var name = form.querySelector('[name=name]');
      var clear = form.querySelector('[name=clear_upload]');
      function named() {
        var chosen = file.files[0];
        if (chosen && name && !name.value) { name.value = chosen.name.replace(/\.[^.]+$/, ''); }
      }
      if (file) {
        file.addEventListener('change', named);
        // CKAN starts its modules once translations have come; a file may be chosen before that.
        named();
      }
      if (clear) {
        var stored = address.value;
        clear.addEventListener('change', function () {
          address.readOnly = !clear.checked;
          address.value = clear.checked ? '' : stored;
          if (clear.checked) { address.focus(); }
        });
      }
    }
  };
});

/* Opens what was folded away where the address points into it, and the first error. */
(function () {
  'use strict';
  function reveal() {
    var target = window.location.hash && document.getElementById(window.location.hash.slice(1));
    var part = target && target.closest('details');
    if (part && !part.open) { part.open = true; }
    if (target) { target.scrollIntoView({ block: 'center' }); }
    if (target && target.matches('input, select, textarea')) { target.focus(); }
  }
  window.addEventListener('hashchange', reveal);
  window.addEventListener('load', reveal);
}());
