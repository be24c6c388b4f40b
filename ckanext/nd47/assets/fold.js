/* Folds Vietnamese text so that it can be compared without diacritics and case. */
this.nd47 = this.nd47 || {};
this.nd47.fold = function (text) {
  'use strict';
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
};

/* Says how well a text answers a query: 3 begins with it, 2 has it at the start of a word, 1 holds
 * each of its words somewhere, 0 not at all. */
this.nd47.match = function (text, query) {
  'use strict';
  var folded = this.fold(text);
  var wanted = this.fold(query).trim().replace(/\s+/g, ' ');
  if (folded.indexOf(wanted) === 0) { return 3; }
  if ((' ' + folded).indexOf(' ' + wanted) >= 0) { return 2; }
  return wanted.split(' ').every(function (word) { return folded.indexOf(word) >= 0; }) ? 1 : 0;
};
