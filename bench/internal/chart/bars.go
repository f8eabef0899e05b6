package chart

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// Bars draws what each contender took in one case, the first on top.
func Bars(w io.Writer, title string, c race.Result, m Measure) error {
	p := newPlot()
	p.Title.Text = title
	p.X.Label.Text = m.Name
	p.X.Min = 0
	var names []string
	var labels plotter.XYLabels
	for i := len(c.Rows) - 1; i >= 0; i-- {
		r := c.Rows[i]
		if len(r.Runs) == 0 {
			continue
		}
		bar, err := plotter.NewBarChart(plotter.Values{m.Of(r)}, vg.Points(14))
		if err != nil {
			return fmt.Errorf("%s: %s: %w", title, r.Name, err)
		}
		bar.Horizontal, bar.XMin = true, float64(len(names))
		bar.Color, bar.LineStyle.Width = colour(r.Name, r.Kind), 0
		if pure(r.Name) {
			bar.Color = light(colour(r.Name, r.Kind))
		}
		p.Add(bar)
		labels.XYs = append(labels.XYs, plotter.XY{X: m.Of(r), Y: float64(len(names))})
		labels.Labels = append(labels.Labels, fmt.Sprintf(" %.3g", m.Of(r)))
		names = append(names, r.Name)
	}
	if len(names) == 0 {
		return fmt.Errorf("%s: no contender has a time", title)
	}
	text, err := plotter.NewLabels(labels)
	if err != nil {
		return err
	}
	for i := range text.TextStyle {
		text.TextStyle[i].Font = p.X.Tick.Label.Font
		text.TextStyle[i].YAlign = -0.5
	}
	p.Add(text)
	p.NominalY(names...)
	p.Y.Tick.Length, p.Y.Tick.LineStyle.Width = vg.Points(14), 0 // keeps the names away from the bars
	p.X.Max *= 1.1                                               // for the number behind the longest bar
	return write(w, width-legendWidth, vg.Points(float64(22*len(names)+80)), p.Draw)
}

// light returns a colour halfway to white.
func light(c color.RGBA) color.RGBA {
	half := func(v uint8) uint8 { return uint8((int(v) + 255) / 2) }
	return color.RGBA{half(c.R), half(c.G), half(c.B), 255}
}
