/* Turns a long list into an input in which one types part of a name, without diacritics if need be.
 * The list itself stays in the form and holds the value. With `data-nd47-free` a text of no list is
 * taken as it is typed. */
this.ckan.module('nd47-combobox', function () {
  'use strict';
  var nd47 = window.nd47;

  function label(select) {
    var own = select.labels && select.labels[0];
    return own ? own.firstChild.textContent.trim() : '';
  }

  return {
    initialize: function () {
      var select = this.select = this.el[0];
      var name = label(select);
      var input = this.input = document.createElement('input');
      input.type = 'text';
      input.id = select.id;
      input.className = 'form-control nd47-combobox-input';
      input.autocomplete = 'off';
      input.spellcheck = false;
      ['aria-describedby', 'aria-invalid', 'aria-required'].forEach(function (attribute) {
        var value = select.getAttribute(attribute);
        if (value !== null) { input.setAttribute(attribute, value); }
      });
      select.id += '-source';
      var focused = document.activeElement === select;
      select.hidden = true;
      var box = document.createElement('div');
      box.className = 'nd47-combobox';
      select.before(box);
      box.append(input);
      if (focused) { input.focus(); }
      this.status = document.createElement('span');
      this.status.className = 'visually-hidden';
      this.status.setAttribute('role', 'status');
      box.append(this.status);
      this.listbox = new nd47.Listbox(input, name, this._pick.bind(this));
      this._write();
      // Of `kept.js`, which sets the list itself.
      select.addEventListener('nd47-restored', this._write.bind(this));
      input.addEventListener('input', this._filter.bind(this));
      input.addEventListener('keydown', this._key.bind(this));
      input.addEventListener('click', this._all.bind(this));
      input.addEventListener('blur', this._leave.bind(this));
    },

    /* Writes the chosen entry into the input; the empty one stands as a placeholder. */
    _write: function () {
      var chosen = this.select.selectedOptions[0];
      var empty = Array.prototype.find.call(this.select.options, function (o) { return !o.value; });
      this.input.placeholder = empty ? empty.text : '';
      this.input.value = chosen && chosen.value ? chosen.text : '';
    },

    /* The entries that answer a query, the best first; all of them without one. */
    _items: function (query) {
      return Array.prototype.map.call(this.select.options, function (option) {
        var rank = option.value && query ? nd47.match(option.text + ' ' + option.value, query) : 0;
        return { text: option.text, value: option.value, rank: rank };
      }).filter(function (item) { return !query || item.rank; })
        .sort(function (one, other) { return other.rank - one.rank; });
    },

    _all: function () {
      if (!this.listbox.isOpen()) { this.listbox.show(this._items(''), this.select.selectedIndex); }
    },

    _filter: function () {
      var items = this._items(this.input.value.trim());
      this.listbox.show(items, items.length ? 0 : -1);
      this.status.textContent = items.length
        ? this.select.dataset.nd47Found.replace('{count}', items.length)
        : this.select.dataset.nd47None;
    },

    _key: function (event) {
      if (event.key === 'Tab' && this.listbox.isOpen() && this.listbox.active >= 0 && this._typed()) {
        this.listbox.pick(this.listbox.active);
      } else if (this.listbox.onKey(event.key)) {
        if (event.key === 'Escape') { this._write(); }
        event.preventDefault();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        this._all();
        event.preventDefault();
      } else if (event.key === 'Enter') {
        // A half-typed name must not send the form.
        event.preventDefault();
        this._leave();
      }
    },

    /* Says whether the input holds something else than the chosen entry. */
    _typed: function () {
      var chosen = this.select.selectedOptions[0];
      return this.input.value !== (chosen && chosen.value ? chosen.text : '');
    },

    _leave: function () {
      var text = this.input.value.trim();
      var folded = nd47.fold(text);
      this.listbox.hide();
      if (!this._typed()) { return; }
      var found = Array.prototype.find.call(this.select.options, function (option) {
        return text ? option.value && (nd47.fold(option.text) === folded || nd47.fold(option.value) === folded)
          : !option.value;
      });
      if (!found && text && this.select.dataset.nd47Free) {
        found = new Option(text, text);
        this.select.add(found);
      }
      if (found) { this._choose(found.value); }
      this._write();
    },

    _pick: function (item) {
      this._choose(item.value);
      this._write();
    },

    _choose: function (value) {
      this.select.value = value;
      this.select.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };
});
