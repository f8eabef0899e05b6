package chart

import (
	"fmt"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
	"github.com/fastmigrate/fastmigrate/bench/internal/stats"
)

// Measure is what of the runs is drawn.
type Measure struct {
	Name string
	Of   func(race.Row) float64
}

// The measures.
var (
	Seconds = Measure{"seconds", func(r race.Row) float64 { return stats.Of(r.Seconds()).Median }}
	Memory  = Measure{"peak memory, MB", func(r race.Row) float64 { return float64(r.Peak()) / 1e6 }}
)

const width, height, legendWidth, margin = 25 * vg.Centimeter, 11 * vg.Centimeter, 7 * vg.Centimeter, 10

// Lines draws how what the contenders take grows over the cases of a family,
// which must be two at least. Both axes are logarithmic, so that what grows
// linearly rises by one to one, unless there is a case at 0.
func Lines(w io.Writer, title, axis string, cases []race.Result, m Measure) error {
	p := newPlot()
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = axis, m.Name
	legend := plot.NewLegend()
	legend.Top, legend.Left, legend.TextStyle.Font = true, true, p.X.Label.TextStyle.Font
	legend.Padding = vg.Points(2)
	p.Add(plotter.NewGrid())
	logarithmic := true
	for _, c := range cases {
		logarithmic = logarithmic && c.X > 0
	}
	if logarithmic {
		p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
		p.X.Tick.Marker, p.Y.Tick.Marker = plain{plot.LogTicks{}}, plain{plot.LogTicks{}}
	}
	for _, s := range seriesOf(cases, m) {
		l, points, err := plotter.NewLinePoints(s.points)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", title, s.name, err)
		}
		l.LineStyle = line(s.name, s.kind)
		points.Color, points.Shape, points.Radius = l.Color, draw.CircleGlyph{}, vg.Points(2.5)
		p.Add(l, points)
		legend.Add(s.name, l)
	}
	return write(w, width, height, func(c draw.Canvas) {
		p.Draw(draw.Crop(c, 0, -legendWidth, 0, 0))
		legend.Draw(draw.Crop(c, width-legendWidth-2*margin+vg.Points(10), 0, 0, 0))
	})
}

type series struct {
	name   string
	kind   race.Kind
	points plotter.XYs
}

// seriesOf gathers the points of each contender that has any.
func seriesOf(cases []race.Result, m Measure) []series {
	var all []series
	at := map[string]int{}
	for _, c := range cases {
		for _, r := range c.Rows {
			value := m.Of(r)
			if len(r.Runs) == 0 || value <= 0 {
				continue
			}
			i, ok := at[r.Name]
			if !ok {
				i = len(all)
				at[r.Name] = i
				all = append(all, series{name: r.Name, kind: r.Kind})
			}
			all[i].points = append(all[i].points, plotter.XY{X: c.X, Y: value})
		}
	}
	return all
}

// plain writes the ticks' numbers as people do: 1000, not 1e+03.
type plain struct{ plot.Ticker }

// Ticks returns the ticks of an axis.
func (t plain) Ticks(low, high float64) []plot.Tick {
	ticks := t.Ticker.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = fmt.Sprintf("%.10g", ticks[i].Value)
		}
	}
	return ticks
}
