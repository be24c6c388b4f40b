/* Proposes keywords that the portal knows already for the one that is being typed, the last after a
 * comma. */
this.ckan.module('nd47-keywords', function () {
  'use strict';
  var MINIMUM = 2;
  var PAUSE = 200;

  return {
    initialize: function () {
      var input = this.input = this.el[0];
      var name = input.labels[0] ? input.labels[0].firstChild.textContent.trim() : '';
      var box = document.createElement('div');
      box.className = 'nd47-combobox';
      input.before(box);
      box.append(input);
      this.listbox = new window.nd47.Listbox(input, name, this._pick.bind(this));
      input.addEventListener('input', this._typing.bind(this));
      input.addEventListener('keydown', this._key.bind(this));
      input.addEventListener('blur', this.listbox.hide.bind(this.listbox));
    },

    /* Splits the text into what stands before the keyword that is being typed, and that keyword. */
    _split: function () {
      var comma = this.input.value.lastIndexOf(',') + 1;
      return { before: this.input.value.slice(0, comma), word: this.input.value.slice(comma).trim() };
    },

    _typing: function () {
      clearTimeout(this.waiting);
      var word = this._split().word;
      if (word.length < MINIMUM) {
        this.listbox.hide();
        return;
      }
      this.waiting = setTimeout(this._ask.bind(this, word), PAUSE);
    },

    _ask: function (word) {
      var that = this;
      fetch(this.input.dataset.nd47Source + encodeURIComponent(word))
        .then(function (response) { return response.json(); })
        .then(function (found) {
          // The answer may come after the next letter, or after the field was left.
          if (that._split().word !== word || document.activeElement !== that.input) { return; }
          that.listbox.show(found.ResultSet.Result.map(function (one) {
            return { text: one.Name, value: one.Name };
          }), -1);
        })
        .catch(function () { that.listbox.hide(); });
    },

    _key: function (event) {
      if (this.listbox.onKey(event.key)) { event.preventDefault(); }
    },

    _pick: function (item) {
      var before = this._split().before;
      this.input.value = before + (before ? ' ' : '') + item.value + ', ';
      this.input.dispatchEvent(new Event('change', { bubbles: true }));
    }
  };
});
