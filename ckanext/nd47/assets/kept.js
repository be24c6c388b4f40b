/* Keeps what is typed into a form in this browser until it is saved, and offers it again.
 *
 * An entry of localStorage belongs to an account and the address of a form, so that no other account
 * on the same computer is offered it. Files cannot be kept. The id of a sent entry goes along in a
 * cookie; the server answers with `nd47-saved` once it has saved, and the entry is removed. */
(function () {
  'use strict';
  var PREFIX = 'nd47-form:';
  var DAY = 24 * 60 * 60 * 1000;
  var LONGEST = 30 * DAY;
  var PAUSE = 400;
  var NOT_KEPT = /^(file|password|hidden|submit|button|reset|image)$/;
  var SENT = 'nd47-sent';
  var SAVED = 'nd47-saved';
  var store;
  try { store = window.localStorage; store.getItem(PREFIX); } catch (error) { return; }

  function cookie(name) {
    var found = document.cookie.split('; ').filter(function (one) { return one.indexOf(name + '=') === 0; })[0];
    return found ? found.slice(name.length + 1) : '';
  }

  function setCookie(name, value, seconds) {
    document.cookie = name + '=' + value + '; path=/; max-age=' + seconds + '; samesite=lax';
  }

  function entry(key) {
    try { return JSON.parse(store.getItem(key)); } catch (error) { return null; }
  }

  /* Removes what has been saved, and what nobody came back for. */
  function tidy() {
    var saved = cookie(SAVED);
    Object.keys(store).forEach(function (key) {
      if (key.indexOf(PREFIX) !== 0) { return; }
      var kept = entry(key);
      if (!kept || (saved && kept.id === saved) || Date.now() - kept.time > LONGEST) { store.removeItem(key); }
    });
    if (saved) { setCookie(SAVED, '', 0); }
  }

  function controls(form) {
    return Array.prototype.filter.call(form.elements, function (control) {
      return control.name && !NOT_KEPT.test(control.type);
    });
  }

  /* Names a control by the position of its group: the numbers in names only have to differ. */
  function place(control) {
    var group = control.closest('[data-nd47-group]');
    if (!group) { return control.name; }
    var position = Array.prototype.indexOf.call(group.parentElement.children, group);
    return control.name.replace(/-\d+-/, '-' + position + '-');
  }

  function value(control, asRendered) {
    if (control.type === 'checkbox' || control.type === 'radio') {
      return (asRendered ? control.defaultChecked : control.checked) ? [control.value] : [];
    }
    if (control.options) {
      var options = Array.from(control.options);
      var chosen = options.filter(function (option) {
        return asRendered ? option.defaultSelected : option.selected;
      });
      if (!chosen.length && !control.multiple) { chosen = options.slice(0, 1); }
      return chosen.map(function (option) { return option.value; });
    }
    return [asRendered ? control.defaultValue : control.value];
  }

  function read(form, asRendered) {
    var values = {};
    controls(form).forEach(function (control) {
      var name = place(control);
      values[name] = (values[name] || []).concat(value(control, asRendered));
    });
    return values;
  }

  function same(one, other) { return JSON.stringify(one) === JSON.stringify(other); }

  /* Returns the values that differ from those that the server sent. */
  function changed(form) {
    var now = read(form, false);
    var rendered = read(form, true);
    var result = {};
    Object.keys(now).forEach(function (name) {
      if (!same(now[name], rendered[name])) { result[name] = now[name]; }
    });
    return result;
  }

  function addGroups(form, values) {
    form.querySelectorAll('[data-module="nd47-groups"]').forEach(function (root) {
      var field = root.closest('fieldset').id.replace(/^field-/, '');
      var list = root.querySelector('[data-nd47-list]');
      var add = root.querySelector('[data-nd47-add]');
      var numbers = Object.keys(values).map(function (name) {
        var match = name.match(/^(.+?)-(\d+)-/);
        return match && match[1] === field ? Number(match[2]) + 1 : 0;
      });
      var needed = Math.max.apply(null, numbers.concat(0));
      while (!add.hidden && list.children.length < needed) { add.click(); }
    });
  }

  function put(control, wanted) {
    if (control.type === 'checkbox' || control.type === 'radio') {
      control.checked = wanted.indexOf(control.value) >= 0;
    } else if (control.options) {
      wanted.forEach(function (text) {
        var known = Array.from(control.options).some(function (option) { return option.value === text; });
        if (!known) { control.add(new Option(text, text)); }
      });
      Array.from(control.options).forEach(function (option) {
        option.selected = wanted.indexOf(option.value) >= 0;
      });
    } else {
      control.value = wanted[0] || '';
    }
    ['input', 'change', 'nd47-restored'].forEach(function (name) {
      control.dispatchEvent(new CustomEvent(name, { bubbles: true }));
    });
  }

  function Keeper(form) {
    var account = form.dataset.nd47Account;
    var address = new URL(form.action, window.location.href).pathname;
    this.form = form;
    this.key = PREFIX + account + ':' + address;
    this.offered = null;
    this.refused = {};
    this.id = Date.now().toString(16) + Math.random().toString(16).slice(2, 10);
    this._offer();
    form.addEventListener('input', this._later.bind(this));
    form.addEventListener('change', this._later.bind(this));
    form.addEventListener('submit', this._send.bind(this));
    window.addEventListener('pagehide', this._keep.bind(this));
  }

  Keeper.prototype._later = function () {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(this._keep.bind(this), PAUSE);
  };

  Keeper.prototype._keep = function () {
    clearTimeout(this.waiting);
    var now = read(this.form, false);
    var values = Object.assign({}, this.offered);
    Object.keys(this.refused).forEach(function (name) {
      if (now[name]) { values[name] = now[name]; }
    });
    Object.assign(values, changed(this.form));
    if (!Object.keys(values).length) {
      if (!this.offered) { store.removeItem(this.key); }
      return;
    }
    try {
      store.setItem(this.key, JSON.stringify({ id: this.id, time: Date.now(), values: values }));
    } catch (error) { /* The storage is full or closed: the form works without it. */ }
  };

  Keeper.prototype._send = function () {
    tidy();
    this._keep();
    setCookie(SENT, this.id, 600);
  };

  Keeper.prototype._offer = function () {
    var box = this.form.querySelector('[data-nd47-kept]');
    var kept = entry(this.key);
    var now = read(this.form, true);
    if (this.form.dataset.nd47Unsaved) {
      // The portal sent back what it refused: it is in the form, and nowhere else.
      this.refused = kept ? kept.values : now;
      return;
    }
    if (!kept || Object.keys(kept.values).every(function (name) { return same(kept.values[name], now[name]); })) {
      store.removeItem(this.key);
      return;
    }
    this.offered = kept.values;
    box.hidden = false;
    box.querySelector('[data-nd47-kept-time]').textContent =
      new Date(kept.time).toLocaleString(document.documentElement.lang || 'vi', { dateStyle: 'short', timeStyle: 'short' });
    box.querySelector('[data-nd47-restore]').addEventListener('click', this._restore.bind(this, box));
    box.querySelector('[data-nd47-discard]').addEventListener('click', this._discard.bind(this, box));
  };

  Keeper.prototype._restore = function (box) {
    var values = this.offered;
    this.offered = null;
    addGroups(this.form, values);
    controls(this.form).forEach(function (control) {
      var wanted = values[place(control)];
      if (wanted) { put(control, wanted); }
    });
    this._keep();
    this._close(box, box.dataset.nd47Restored);
  };

  Keeper.prototype._discard = function (box) {
    this.offered = null;
    store.removeItem(this.key);
    this._keep();
    this._close(box, box.dataset.nd47Discarded);
  };

  Keeper.prototype._close = function (box, words) {
    box.querySelector('[data-nd47-kept-words]').textContent = words;
    box.querySelectorAll('button').forEach(function (button) { button.hidden = true; });
    box.focus();
  };

  tidy();
  document.querySelectorAll('form[data-nd47-account]').forEach(function (form) {
    if (form.dataset.nd47Account) { new Keeper(form); }
  });
}());
