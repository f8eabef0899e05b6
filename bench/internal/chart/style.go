// Package chart draws results as SVG.
package chart

import (
	"image/color"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fastmigrate/fastmigrate/bench/internal/race"
)

// The colours can be told apart by those who don't see all of them.
var (
	ours  = color.RGBA{0, 114, 178, 255}
	limit = color.RGBA{60, 60, 60, 255}
	peers = map[string]color.RGBA{
		"goose":          {213, 94, 0, 255},
		"golang-migrate": {0, 158, 115, 255},
		"tern":           {204, 121, 167, 255},
		"dbmate":         {230, 159, 0, 255},
		"atlas":          {86, 180, 233, 255},
	}
	other = color.RGBA{150, 120, 60, 255}
)

// colour returns a contender's colour, the same in all charts. Those that differ
// in their driver only have the same.
func colour(name string, k race.Kind) color.RGBA {
	first, _, _ := strings.Cut(name, ",")
	switch {
	case k == race.Ours:
		return ours
	case k == race.Limit:
		return limit
	}
	if c, ok := peers[first]; ok {
		return c
	}
	return other
}

// line returns how a contender's line is drawn: ours thick, those in pure Go
// dashed.
func line(name string, k race.Kind) draw.LineStyle {
	s := draw.LineStyle{Color: colour(name, k), Width: vg.Points(1.4)}
	if k == race.Ours {
		s.Width = vg.Points(2.6)
	}
	if pure(name) {
		s.Dashes = []vg.Length{vg.Points(6), vg.Points(3)}
	}
	if k == race.Limit {
		s.Dashes = []vg.Length{vg.Points(2), vg.Points(2)}
	}
	return s
}

func pure(name string) bool {
	return strings.HasSuffix(name, "modernc") || strings.HasSuffix(name, "pure Go")
}
