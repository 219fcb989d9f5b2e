'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const values = document.getElementById('values');
  const library = window.LightweightCharts;
  const candles = new Map(data.candles.map(candle => [candle[0], candle]));
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const faint = name => colour(name) + '55';
  const moment = seconds => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
  const chart = library.createChart(document.getElementById('chart'), {
    autoSize: true,
    localization: { timeFormatter: moment },
    timeScale: { timeVisible: true, secondsVisible: data.every < 60, minBarSpacing: 0.02 },
  });
  const hidden = { priceLineVisible: false, lastValueVisible: false };
  const whole = { autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }) };
  const shading = chart.addSeries(library.HistogramSeries, { ...hidden, ...whole, priceScaleId: 'shades' });
  shading.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0 } });
  const prices = chart.addSeries(library.CandlestickSeries, {
    priceFormat: { type: 'price', precision: data.decimals, minMove: 10 ** -data.decimals },
  });
  const markers = library.createSeriesMarkers(prices, []);
  const volumes = chart.addSeries(library.HistogramSeries, { ...hidden, priceFormat: { type: 'volume' } }, 1);
  const copies = chart.addSeries(library.HistogramSeries, {
    ...hidden, ...whole, priceFormat: { type: 'custom', formatter: () => '' },
  }, 2);
  [6, 2, 1].forEach((part, i) => chart.panes()[i].setStretchFactor(part));

  // Every interval has a point, so that time without trades takes its place.
  const points = make => {
    const all = [];
    for (let time = data.from; time < data.to; time += data.every) {
      all.push({ time, ...make(candles.get(time), time) });
    }
    return all;
  };
  const shadeAt = time => {
    const ends = (time + data.every) * 1000;
    const here = data.shades.filter(shade => shade[0] < ends && shade[1] >= time * 1000);
    return here.find(shade => shade[2] !== null) || here[0];
  };
  const paint = () => {
    chart.applyOptions({
      layout: {
        background: { color: colour('back') }, textColor: colour('soft'), panes: { separatorColor: colour('line') },
      },
      grid: { vertLines: { color: colour('line') }, horzLines: { color: colour('line') } },
    });
    prices.applyOptions({
      upColor: colour('up'), downColor: colour('down'), wickUpColor: colour('up'), wickDownColor: colour('down'),
      borderVisible: false,
    });
    const up = faint('up');
    const down = faint('down');
    const levels = [colour('one'), colour('two'), colour('three')];
    const shades = { gap: faint('gone'), none: faint('none') };
    prices.setData(points(c => c ? { open: +c[1], high: +c[2], low: +c[3], close: +c[4] } : {}));
    volumes.setData(points(c => c ? { value: +c[5], color: +c[4] >= +c[1] ? up : down } : {}));
    copies.setData(points(c => c ? { value: 1, color: levels[Math.min(3, c[7]) - 1] } : {}));
    shading.setData(points((c, time) => {
      const shade = shadeAt(time);
      return shade ? { value: 1, color: shade[2] === null ? shades.none : shades.gap } : {};
    }));
    markers.setMarkers(data.candles.filter(c => !c[8]).map(c => ({
      time: c[0], position: 'belowBar', shape: 'circle', size: 0.6, color: colour('gone'),
    })));
  };
  chart.subscribeCrosshairMove(at => {
    const c = candles.get(at.time);
    const shade = at.time === undefined ? undefined : shadeAt(at.time);
    values.textContent = at.time === undefined ? 'Move over a candle for its values.' : moment(at.time)
      + (c ? ` open ${c[1]} high ${c[2]} low ${c[3]} close ${c[4]} volume ${c[5]}, ${c[6]} trades, each in at least ${c[7]}`
        + ` ${c[7] === 1 ? 'copy' : 'copies'}${c[8] ? '' : ', incomplete'}` : ' no trade')
      + (shade ? shade[2] === null ? '; nothing recorded' : `; gap of ${shade[2]} trades` : '');
  });
  paint();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
  new ResizeObserver(() => chart.timeScale().fitContent()).observe(document.getElementById('chart'));
})();
