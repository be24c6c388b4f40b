/* Suggests datasets, agencies, fields and keywords below a search box, after the combobox pattern of
 * the ARIA authoring practices. An element with `data-nd47-suggest`, the address of the suggestions,
 * contains the input. Without this script the form searches as before. */
(function () {
  'use strict';
  var WAIT = 200;
  var LEAST = 2;
  var number = 0;

  function Suggesting(box, input) {
    this.box = box;
    this.input = input;
    this.active = -1;
    this.typed = input.value;
    var id = 'nd47-suggestions-' + (number += 1);
    this.list = document.createElement('div');
    this.list.id = id;
    this.list.className = 'nd47-suggestions';
    this.list.hidden = true;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', box.dataset.nd47Label);
    this.status = document.createElement('span');
    this.status.className = 'visually-hidden';
    this.status.setAttribute('role', 'status');
    box.append(this.list, this.status);
    input.autocomplete = 'off';
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', id);
    input.addEventListener('input', this.wait.bind(this));
    input.addEventListener('keydown', this.key.bind(this));
    input.addEventListener('blur', this.hide.bind(this));
    // The press must not take the focus from the input before the click opens the page.
    this.list.addEventListener('mousedown', function (event) { event.preventDefault(); });
    this.list.addEventListener('click', this.click.bind(this));
  }

  Suggesting.prototype.wait = function () {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(this.ask.bind(this), WAIT);
  };

  Suggesting.prototype.ask = function () {
    var self = this;
    var typed = this.input.value.trim();
    if (this.request) { this.request.abort(); }
    if (typed.length < LEAST) { this.hide(); return; }
    this.request = new AbortController();
    window.fetch(this.box.dataset.nd47Suggest + '?q=' + encodeURIComponent(typed.slice(0, 200)), {
      signal: this.request.signal,
      headers: { Accept: 'application/json' }
    }).then(function (response) {
      return response.ok ? response.json() : { groups: [] };
    }).then(function (found) {
      if (document.activeElement === self.input) { self.show(found.groups); }
    }).catch(function () {
      // Aborted by the next letter, or the network failed: the form still searches.
    });
  };

  Suggesting.prototype.show = function (groups) {
    var self = this;
    var count = 0;
    this.list.replaceChildren.apply(this.list, groups.map(function (group, place) {
      var part = document.createElement('ul');
      var title = document.createElement('li');
      title.id = self.list.id + '-kind-' + place;
      title.className = 'nd47-suggestions-kind';
      title.setAttribute('role', 'presentation');
      title.textContent = group.title;
      part.setAttribute('role', 'group');
      part.setAttribute('aria-labelledby', title.id);
      part.append(title);
      group.items.forEach(function (item) {
        var option = document.createElement('li');
        option.id = self.list.id + '-' + count;
        option.dataset.url = item.url;
        option.setAttribute('role', 'option');
        option.setAttribute('aria-selected', 'false');
        option.textContent = item.title;
        part.append(option);
        count += 1;
      });
      return part;
    }));
    this.open(count > 0);
    this.status.textContent = count
      ? this.box.dataset.nd47Found.replace('{count}', count)
      : this.box.dataset.nd47None;
  };

  Suggesting.prototype.open = function (isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute('aria-expanded', String(isOpen));
    this.activate(-1);
  };

  Suggesting.prototype.hide = function () {
    window.clearTimeout(this.timer);
    if (this.request) { this.request.abort(); }
    this.status.textContent = '';
    this.open(false);
  };

  Suggesting.prototype.options = function () { return this.list.querySelectorAll('[role=option]'); };

  Suggesting.prototype.activate = function (position) {
    var option;
    this.active = position;
    this.options().forEach(function (one, place) {
      one.setAttribute('aria-selected', String(place === position));
      if (place === position) { option = one; }
    });
    if (option) {
      this.input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else {
      this.input.removeAttribute('aria-activedescendant');
    }
  };

  Suggesting.prototype.key = function (event) {
    var last = this.options().length - 1;
    if (this.list.hidden) {
      if (event.key === 'ArrowDown') { this.ask(); event.preventDefault(); }
      return;
    }
    if (event.key === 'ArrowDown') {
      this.activate(this.active < last ? this.active + 1 : -1);
    } else if (event.key === 'ArrowUp') {
      this.activate(this.active > -1 ? this.active - 1 : last);
    } else if (event.key === 'Escape') {
      this.hide();
    } else if (event.key === 'Enter' && this.active >= 0) {
      this.go(this.options()[this.active]);
    } else {
      return;
    }
    event.preventDefault();
  };

  Suggesting.prototype.go = function (option) {
    window.location.assign(option.dataset.url);
  };

  Suggesting.prototype.click = function (event) {
    var option = event.target.closest('[role=option]');
    if (option) { this.go(option); }
  };

  // Parts of the page are exchanged without loading it again, so boxes are prepared when used.
  document.addEventListener('focusin', function (event) {
    var box = event.target.closest && event.target.closest('[data-nd47-suggest]');
    var isText = event.target.matches && event.target.matches('input[name=q]');
    if (box && isText && event.target.getAttribute('role') !== 'combobox') {
      new Suggesting(box, event.target); // eslint-disable-line no-new
    }
  });
}());
