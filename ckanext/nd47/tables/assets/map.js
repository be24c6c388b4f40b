/* The map of a file: places from the portal, drawn by Leaflet. Texts are never read as HTML. */
(function () {
  'use strict';

  var COLOURS = ['#0b3c5d', '#e08e0b', '#2e7d5b', '#a23b72', '#6b6b6b', '#7fb2d6', '#c8553d', '#3b2f80'];
  var GRADES = ['#e4eff7', '#bcd9ec', '#8fbfdf', '#62a3cd', '#3d85b6', '#25679a', '#144c78', '#08304f'];
  var SCALE = ['#dbe9f4', '#9ecae1', '#5a9fc9', '#2b6ca3', '#0b3c5d'];
  var OTHERS = '#b9b9b9';
  var CLOSEST = 15;
  var MANY = 400;
  var LISTED = 500;
  var language = document.documentElement.lang || 'vi';
  var figures = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });

  function element(name, text, parent) {
    var made = document.createElement(name);
    if (text !== undefined) { made.textContent = text; }
    if (parent) { parent.appendChild(made); }
    return made;
  }
  function said(words, facts) {
    return words.replace(/\{(\w+)\}/g, function (whole, name) {
      return name in facts ? figures.format(facts[name]) : whole;
    });
  }
  function shown(value) {
    if (typeof value === 'number') { return figures.format(value); }
    if (typeof value === 'boolean') { return value ? '✓' : '–'; }
    return String(value);
  }
  function json(address) {
    return fetch(address, { credentials: 'same-origin' }).then(function (answer) {
      return answer.json().then(function (content) {
        if (!answer.ok) { throw new Error(content.message || ''); }
        return content;
      });
    });
  }

  // The classes of a legend: each value, or ranges of numbers.
  function classes(features, field, words) {
    var counts = new Map();
    features.forEach(function (feature) {
      var value = feature.properties[field];
      if (value !== undefined) { counts.set(value, (counts.get(value) || 0) + 1); }
    });
    var values = Array.from(counts.keys());
    if (values.length <= COLOURS.length) {
      values.sort(function (a, b) {
        return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), language);
      });
      // Numbers grow darker, other values only differ.
      var areNumbers = values.every(function (value) { return typeof value === 'number'; });
      var apart = (GRADES.length - 1) / Math.max(values.length - 1, 1);
      var ownColours = values.map(function (_, place) { return areNumbers ? GRADES[Math.round(place * apart)] : COLOURS[place]; });
      return {
        entries: values.map(function (value, place) { return { label: shown(value), colour: ownColours[place] }; }),
        colour: function (value) { return value === undefined ? OTHERS : ownColours[values.indexOf(value)]; },
        hasOthers: features.some(function (one) { return one.properties[field] === undefined; }),
        others: words.empty
      };
    }
    var numbers = features.map(function (one) { return one.properties[field]; })
      .filter(function (value) { return typeof value === 'number'; })
      .sort(function (a, b) { return a - b; });
    var bounds = [];
    for (var part = 1; part < SCALE.length; part += 1) {
      var bound = numbers[Math.floor(numbers.length * part / SCALE.length)];
      if (bound > numbers[0] && bounds.indexOf(bound) < 0) { bounds.push(bound); }
    }
    var step = (SCALE.length - 1) / Math.max(bounds.length, 1);
    var colours = bounds.concat([0]).map(function (_, place) { return SCALE[Math.round(place * step)]; });
    return {
      entries: colours.map(function (colour, place) {
        var from = place ? bounds[place - 1] : numbers[0];
        var to = place < bounds.length ? bounds[place] : numbers[numbers.length - 1];
        return { label: figures.format(from) + (place < bounds.length ? ' – <' : ' – ') + figures.format(to), colour: colour };
      }),
      colour: function (value) {
        if (typeof value !== 'number') { return OTHERS; }
        return colours[bounds.filter(function (bound) { return value >= bound; }).length];
      },
      hasOthers: features.some(function (one) { return typeof one.properties[field] !== 'number'; }),
      others: words.empty
    };
  }

  function swatch(colour, parent) {
    var space = 'http://www.w3.org/2000/svg';
    var svg = document.createElementNS(space, 'svg');
    var circle = document.createElementNS(space, 'circle');
    svg.setAttribute('width', '16');
    svg.setAttribute('height', '16');
    svg.setAttribute('aria-hidden', 'true');
    circle.setAttribute('cx', '8');
    circle.setAttribute('cy', '8');
    circle.setAttribute('r', '6.5');
    circle.setAttribute('fill', colour);
    circle.setAttribute('stroke', '#1b1b1b');
    svg.appendChild(circle);
    parent.appendChild(svg);
  }

  function start(box) {
    var words = JSON.parse(box.dataset.words);
    var note = box.querySelector('.nd47-map-note');
    var map = window.L.map(box.querySelector('.nd47-map-canvas'), {
      zoomControl: false, preferCanvas: false, maxZoom: 18, zoomSnap: 0.25, attributionControl: false,
      scrollWheelZoom: false
    });
    window.L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    if (box.dataset.tiles) {
      window.L.control.attribution({ prefix: false }).addTo(map);
      window.L.tileLayer(box.dataset.tiles, { maxZoom: 18, referrerPolicy: 'origin' }).addTo(map);
      // Leaflet reads credits as HTML; this one is a text.
      var credit = element('span', box.dataset.credit);
      map.attributionControl.addAttribution(credit.innerHTML);
    }
    // A wheel over the page must not be caught by the map before somebody uses it.
    map.on('focus click', function () { map.scrollWheelZoom.enable(); });
    var extent = box.dataset.extent.split(' ').map(Number);
    var province = extent.length === 4 ? window.L.latLngBounds([extent[1], extent[0]], [extent[3], extent[2]]) : null;
    map.fitBounds(province || [[8, 102], [23.5, 110]]);
    ground(map, box, province);
    note.textContent = words.loading;
    json(box.dataset.source).then(function (content) {
      draw(map, box, content, words, note);
      box.dataset.ready = 'true';
    }).catch(function (error) {
      note.textContent = error.message || words.failed;
      box.dataset.ready = 'failed';
    });
  }

  function ground(map, box, province) {
    var pane = map.createPane('ground');
    pane.style.zIndex = 350;
    var style = { pane: 'ground', interactive: false, color: '#8c8577', weight: 1, fillColor: '#fffdf8', fillOpacity: box.dataset.tiles ? 0 : 1 };
    if (!box.dataset.ground) {
      if (province) { window.L.rectangle(province, style).addTo(map); }
      return;
    }
    json(box.dataset.ground).then(function (units) {
      window.L.geoJSON(units, style).addTo(map);
    }).catch(function () { /* the places are shown without a ground */ });
  }

  function draw(map, box, content, words, note) {
    var about = content.nd47;
    var features = content.features;
    var renderer = features.length > MANY ? window.L.canvas({ padding: 0.3 }) : window.L.svg({ padding: 0.3 });
    var layers = [];
    var layer = window.L.geoJSON(content, {
      pointToLayer: function (_, position) {
        return window.L.circleMarker(position, { renderer: renderer, radius: 7 });
      },
      style: function () { return { renderer: renderer, color: '#1b1b1b', weight: 1.2, fillOpacity: 0.85 }; },
      onEachFeature: function (feature, one) {
        layers.push(one);
        one.bindPopup(function () { return popup(feature, about); }, { maxWidth: 320 });
      }
    }).addTo(map);
    map.fitBounds(layer.getBounds(), { maxZoom: CLOSEST, padding: [20, 20] });
    var facts = { shown: features.length, count: about.count };
    var texts = [said(about.count - about.unplaced > features.length ? words.part : words.shown, about.count - about.unplaced > features.length ? facts : { count: features.length })];
    if (about.unplaced) { texts.push(said(words.unplaced, { count: about.unplaced })); }
    note.textContent = texts.join('; ');
    legend(box, content, layer, words);
    list(map, box, content, layers, words);
  }

  function titleOf(feature, about, words) {
    var value = feature.properties[about.title];
    return value === undefined ? (words ? words.place : '') : shown(value);
  }

  function popup(feature, about) {
    var made = element('div');
    var title = titleOf(feature, about);
    if (title) { element('h3', title, made); }
    var facts = element('dl', undefined, made);
    about.fields.forEach(function (field) {
      if (field !== about.title && feature.properties[field] !== undefined) {
        element('dt', about.labels[field], facts);
        element('dd', shown(feature.properties[field]), facts);
      }
    });
    return made;
  }

  function isLine(feature) { return /LineString/.test(feature.geometry.type); }

  function legend(box, content, layer, words) {
    var about = content.nd47;
    var place = box.querySelector('.nd47-map-legend');
    var chosen = about.legends.indexOf(box.dataset.legend) >= 0 ? box.dataset.legend : about.legend;
    var entries = element('ul');
    function paint(field) {
      var found = field ? classes(content.features, field, words) : null;
      layer.eachLayer(function (one) {
        var colour = found ? found.colour(one.feature.properties[field]) : COLOURS[0];
        if (!one.setStyle) { return; }
        one.setStyle(isLine(one.feature) ? { color: colour, weight: 4, fillOpacity: 0 } : { fillColor: colour });
      });
      entries.textContent = '';
      if (!found) { return; }
      found.entries.concat(found.hasOthers ? [{ label: found.others, colour: OTHERS }] : []).forEach(function (entry) {
        var item = element('li', undefined, entries);
        swatch(entry.colour, item);
        element('span', entry.label, item);
      });
    }
    if (about.legends.length) {
      var label = element('label', words.legend, place);
      var select = element('select', undefined, place);
      select.className = 'form-select';
      select.id = 'nd47-legend';
      label.htmlFor = select.id;
      element('option', words.none, select).value = '';
      about.legends.forEach(function (field) {
        var option = element('option', about.labels[field], select);
        option.value = field;
        option.selected = field === chosen;
      });
      select.addEventListener('change', function () {
        paint(select.value);
        var address = new URL(window.location.href);
        address.searchParams.set('legend', select.value);
        window.history.replaceState(null, '', address);
      });
    }
    place.appendChild(entries);
    paint(chosen);
  }

  // Who uses the keyboard opens a place from the list.
  function list(map, box, content, layers, words) {
    var place = box.querySelector('.nd47-map-list');
    var details = element('details');
    element('summary', words.list, details);
    place.parentNode.insertBefore(details, place);
    details.className = 'nd47-map-list';
    details.addEventListener('toggle', function () {
      if (!details.open || details.querySelector('ul')) { return; }
      var items = element('ul', undefined, details);
      layers.slice(0, LISTED).forEach(function (one) {
        var button = element('button', titleOf(one.feature, content.nd47, words), element('li', undefined, items));
        button.type = 'button';
        button.addEventListener('click', function () {
          var bounds = one.getBounds ? one.getBounds() : window.L.latLngBounds([one.getLatLng()]);
          map.fitBounds(bounds, { maxZoom: CLOSEST });
          one.openPopup();
          map.getContainer().scrollIntoView({ block: 'nearest' });
        });
      });
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll('.nd47-map'), start);
})();
