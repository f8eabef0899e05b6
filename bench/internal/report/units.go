package report

import "fmt"

// seconds writes a time with three digits.
func seconds(s float64) string {
	switch {
	case s >= 1:
		return digits(s) + " s"
	case s >= 1e-3:
		return digits(s*1e3) + " ms"
	case s >= 1e-6:
		return digits(s*1e6) + " µs"
	}
	return digits(s*1e9) + " ns"
}

// digits writes a number with three digits, or all that stand before the point.
func digits(f float64) string {
	switch {
	case f >= 99.95:
		return fmt.Sprintf("%.0f", f)
	case f >= 9.995:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

// megabytes writes a size.
func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
