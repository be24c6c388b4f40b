/* A list that opens below a text input and is worked by the keys, after the combobox pattern of the
 * ARIA authoring practices: the focus stays in the input, which names the active option. */
this.nd47 = this.nd47 || {};
this.nd47.Listbox = (function () {
  'use strict';

  function Listbox(input, label, onPick) {
    this.input = input;
    this.onPick = onPick;
    this.items = [];
    this.active = -1;
    this.list = document.createElement('ul');
    this.list.id = input.id + '-listbox';
    this.list.className = 'nd47-listbox';
    this.list.hidden = true;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', label);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', this.list.id);
    input.after(this.list);
    // The press must not take the focus from the input before the click picks.
    this.list.addEventListener('mousedown', function (event) { event.preventDefault(); });
    this.list.addEventListener('click', this._onClick.bind(this));
  }

  Listbox.prototype.isOpen = function () { return !this.list.hidden; };

  /* items - list of {text, value}; active - position of the one to start at, -1 for none */
  Listbox.prototype.show = function (items, active) {
    this.items = items;
    this.list.replaceChildren.apply(this.list, items.map(this._option, this));
    this.list.hidden = !items.length;
    this.input.setAttribute('aria-expanded', String(this.isOpen()));
    this.activate(items.length ? active : -1);
  };

  Listbox.prototype.hide = function () { this.show([], -1); };

  Listbox.prototype.activate = function (position) {
    this.active = position;
    Array.prototype.forEach.call(this.list.children, function (option, index) {
      option.setAttribute('aria-selected', String(index === position));
    });
    var option = this.list.children[position];
    if (option) {
      this.input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else {
      this.input.removeAttribute('aria-activedescendant');
    }
  };

  /* Works the keys of an open list; returns whether the key was one of its own. */
  Listbox.prototype.onKey = function (key) {
    var last = this.items.length - 1;
    if (!this.isOpen()) { return false; }
    if (key === 'ArrowDown') {
      this.activate(this.active < last ? this.active + 1 : 0);
    } else if (key === 'ArrowUp') {
      this.activate(this.active > 0 ? this.active - 1 : last);
    } else if (key === 'Escape') {
      this.hide();
    } else if (key === 'Enter' && this.active >= 0) {
      this.pick(this.active);
    } else {
      return false;
    }
    return true;
  };

  Listbox.prototype.pick = function (position) {
    var item = this.items[position];
    this.hide();
    if (item) { this.onPick(item); }
  };

  Listbox.prototype._option = function (item, index) {
    var option = document.createElement('li');
    option.id = this.list.id + '-' + index;
    option.setAttribute('role', 'option');
    option.textContent = item.text;
    return option;
  };

  Listbox.prototype._onClick = function (event) {
    var option = event.target.closest('[role=option]');
    if (option) { this.pick(Array.prototype.indexOf.call(this.list.children, option)); }
  };

  return Listbox;
}());
