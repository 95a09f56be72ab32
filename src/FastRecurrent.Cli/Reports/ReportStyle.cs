namespace FastRecurrent.Cli.Reports;

/// <summary>The page's style: two sets of colours, one layout that goes from a telephone to a wide screen, and a printed page.</summary>
internal static class ReportStyle
{
    public const string Css =
        """

        :root {
          color-scheme: light dark;
          --page: #f6f7f9; --surface: #fff; --text: #1b1f24; --muted: #5b6470; --line: #dfe3e8; --grid: #e9ecf0;
          --c1: #2166d1; --c2: #d9600b; --c3: #12825a; --c4: #8440c9; --c5: #c93434; --c6: #707a86; --on: #fff;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #0f1216; --surface: #181c22; --text: #e7eaee; --muted: #9aa4b0; --line: #2c333c; --grid: #252b33;
            --c1: #6aa5ff; --c2: #ff9a4d; --c3: #4fcb9c; --c4: #c59bff; --c5: #ff7f7f; --c6: #98a2ae; --on: #0f1216;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 48px; }
        header h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
        header p { margin: 6px 0 0; color: var(--muted); max-width: 75ch; }
        h2 { margin: 40px 0 12px; font-size: 1.2rem; }
        section > p { max-width: 75ch; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin-top: 24px; }
        .card, figure { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
        .card { padding: 14px 16px; display: flex; flex-direction: column; }
        .card span { color: var(--muted); font-size: .82rem; }
        .card b { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .card small { color: var(--muted); }
        figure { margin: 0 0 16px; padding: 16px 18px; }
        figcaption h3 { margin: 0; font-size: 1rem; }
        figcaption p { margin: 2px 0 0; color: var(--muted); font-size: .88rem; max-width: 90ch; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 8px 0 0; padding: 0; font-size: .85rem; }
        .legend li { display: flex; align-items: center; gap: 7px; }
        .legend i { width: 20px; height: 0; border-top: 3px solid var(--c); }
        .legend i.dash { border-top-style: dashed; }
        .legend i.area { height: 11px; width: 14px; border: 0; border-radius: 2px; background: var(--c); opacity: .8; }
        .c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); } .c6 { --c: var(--c6); }
        svg.chart { display: block; width: 100%; height: auto; margin-top: 8px; }
        svg.narrow { display: none; }
        svg text { font-size: 12px; fill: var(--muted); font-family: inherit; }
        svg text.label { paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
        .grid { stroke: var(--grid); fill: none; }
        .axis { stroke: var(--muted); fill: none; }
        .line { stroke: var(--c); stroke-width: 1.6; fill: none; stroke-linejoin: round; }
        .line.dashed { stroke-dasharray: 5 4; }
        .line.faint { stroke-width: 1; opacity: .35; }
        .band { fill: var(--c); fill-opacity: .2; }
        .mark { stroke: var(--muted); stroke-dasharray: 3 4; fill: none; }
        .bar { fill: var(--c); }
        .scroll { overflow-x: auto; margin-top: 10px; }
        table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
        th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { color: var(--muted); font-weight: 600; vertical-align: bottom; }
        th, td:first-child { white-space: normal; }
        th:first-child, td:first-child { text-align: left; }
        tbody tr:last-child td { border-bottom: 0; }
        tr.best td, td.best { font-weight: 650; color: var(--c3); }
        .heat { width: auto; }
        .heat td { text-align: center; min-width: 92px; border: 2px solid var(--surface); border-radius: 6px;
          background: color-mix(in srgb, var(--c1) var(--share), var(--grid)); }
        .heat td.dark { color: var(--on); }
        .heat td small { display: block; opacity: .8; }
        .heat th { border: 0; text-align: center; }
        .heat th:first-child { text-align: left; }
        footer { margin-top: 32px; color: var(--muted); font-size: .82rem; }
        @media (max-width: 640px) {
          main { padding: 20px 12px 32px; }
          figure { padding: 14px 12px; }
          .cards { grid-template-columns: 1fr 1fr; }
          .card b { font-size: 1.2rem; }
          th, td { padding: 5px 6px; }
          td:first-child { min-width: 9rem; }
          .heat td { min-width: 58px; }
          .heat th { white-space: normal; font-size: .82rem; }
          svg.wide { display: none; }
          svg.narrow { display: block; }
        }
        @media print { figure, .card { break-inside: avoid; } body { background: #fff; } }

        """;
}
