/* Puts a button beside the input of a date that opens the browser's own calendar, which is worked by
 * keys. What is typed stays day first: the calendar only writes into the input. */
this.ckan.module('nd47-date', function () {
  'use strict';
  var DAY_FIRST = /^\s*(\d{1,2})[\/.-](\d{1,2})[\/.-](\d{4})\s*$/;

  function two(number) { return String(number).padStart(2, '0'); }

  function iso(text) {
    var match = text.match(DAY_FIRST);
    return match ? match[3] + '-' + two(match[2]) + '-' + two(match[1]) : '';
  }

  return {
    initialize: function () {
      var input = this.el[0];
      if (!('showPicker' in HTMLInputElement.prototype)) { return; }
      var label = input.labels && input.labels[0] ? input.labels[0].firstChild.textContent.trim() : '';
      var box = document.createElement('div');
      box.className = 'nd47-day-input';
      var calendar = document.createElement('input');
      calendar.type = 'date';
      calendar.className = 'nd47-date-calendar';
      calendar.tabIndex = -1;
      calendar.setAttribute('aria-hidden', 'true');
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'btn btn-secondary nd47-date-button';
      button.setAttribute('aria-label', input.dataset.nd47Choose + ': ' + label);
      var icon = document.createElement('i');
      icon.className = 'fa fa-calendar';
      icon.setAttribute('aria-hidden', 'true');
      button.append(icon);
      // An input that is moved loses the focus.
      var focused = document.activeElement === input;
      input.before(box);
      box.append(input, calendar, button);
      if (focused) { input.focus(); }

      button.addEventListener('click', function () {
        calendar.value = iso(input.value);
        calendar.focus();
        try { calendar.showPicker(); } catch (error) { button.focus(); }
      });
      calendar.addEventListener('change', function () {
        if (!calendar.value) { return; }
        input.value = calendar.value.split('-').reverse().join('/');
        input.dispatchEvent(new Event('input', { bubbles: true }));
        input.dispatchEvent(new Event('change', { bubbles: true }));
        button.focus();
      });
      input.addEventListener('keydown', function (event) {
        if (event.key === 'ArrowDown' && event.altKey) {
          event.preventDefault();
          button.click();
        }
      });
    }
  };
});
