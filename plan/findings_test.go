package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fastmigrate/fastmigrate/migration"
	"github.com/fastmigrate/fastmigrate/plan"
)

func short(findings []migration.Finding) string {
	var words []string
	for _, f := range findings {
		word := string(f.Code)
		if f.Version != nil {
			word += fmt.Sprint(" ", *f.Version)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name, folder string
		at           migration.Version
		history      string
		edited       string // versions whose files have another checksum now
		want         string
	}{
		{"new", "1 2", 0, "", "", ""},
		{"all is well", "1 2", 2, "0-1 1-2", "", ""},
		{"newer", "1 2", 7, "", "", "newer 7"},
		{"newer, no files", "", 1, "", "", "newer 1"},
		{"late", "1 2 3", 3, "0-1 1-3", "", "late 2"},
		{"late, two at once", "1 2 3 4 5", 5, "0-1 1-5", "", "late 2, late 3, late 4"},
		{"0000 is never late", "0 1", 1, "0-1", "", ""},
		{"late below the first", "1 2", 2, "0-2", "", "late 1"},
		{"taken over", "1 2 3", 3, "", "", ""},
		{"taken over, then one", "1 2 3 4", 4, "3-4", "", ""},
		{"taken over, late since", "1 2 3 4 5", 5, "3-5", "", "late 4"},
		{"enrolled", "1 2 3", 3, "0-2:enrolled 2-3", "", ""},
		{"marked over", "1 2 3", 3, "0-1 1-3:marked", "", ""},
		{"missing", "1 3", 3, "0-1 1-2 2-3", "", "missing 2"},
		{"missing, but marked", "1 3", 3, "0-1 1-2:marked 2-3", "", ""},
		{"missing, taken back", "1 2", 2, "0-1 1-2 2-3 3-2", "", ""},
		{"missing at the top", "1", 2, "0-1 1-2", "", "missing 2, newer 2"},
		{"edited", "1 2 3", 3, "0-1 1-2 2-3", "2", "edited 2"},
		{"edited, two", "1 2 3", 3, "0-1 1-2 2-3", "1 3", "edited 1, edited 3"},
		{"edited, not applied", "1 2 3", 1, "0-1 1-2 2-1", "2 3", ""},
		{"edited, not recorded", "1 2 3", 3, "2-3", "1 2", ""},
		{"failed is not applied", "1 2", 1, "0-1 1-2:failed", "2", ""},
		{"applied again after down", "1 2", 2, "0-1 1-2 2-1 1-2", "", ""},
		{"taken back, then passed over", "1 2 3", 3, "0-1 1-2 2-3 3-2 2-1 1-3", "", "late 2"},
		{"all sorts, in order", "1 2 4", 4, "0-1 1-3 3-4", "1 4", "edited 1, late 2, missing 3, edited 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := plan.History{Current: c.at, Entries: entries(c.history)}
			for i := range h.Entries {
				h.Entries[i].Checksum = "as applied"
			}
			found, err := plan.Findings(folder(c.folder), h, func(m migration.Migration) (migration.Checksum, error) {
				for _, v := range strings.Fields(c.edited) {
					if v == fmt.Sprint(int64(m.Version)) {
						return "edited", nil
					}
				}
				return "as applied", nil
			})
			got := short(found)
			if c.name == "missing at the top" {
				got, c.want = sorted(got), sorted(c.want)
			}
			if err != nil || got != c.want {
				t.Errorf("found %q, %v; want %q", got, err, c.want)
			}
			for _, f := range found {
				if f.Message == "" || f.Hint == "" {
					t.Errorf("finding without words: %+v", f)
				}
			}
		})
	}
}

func sorted(text string) string {
	words := strings.Split(text, ", ")
	if len(words) == 2 && words[0] > words[1] {
		words[0], words[1] = words[1], words[0]
	}
	return strings.Join(words, ", ")
}

// Where the checksum is not known nothing is said to be edited, and where a
// file can't be read that is an error.
func TestFindingsChecksum(t *testing.T) {
	h := plan.History{Current: 2, Entries: entries("0-1 1-2")}
	h.Entries[0].Checksum = "x"
	asked := ""
	found, err := plan.Findings(folder("1 2 3"), h, func(m migration.Migration) (migration.Checksum, error) {
		asked += m.Version.String()
		return "", nil
	})
	if len(found) != 0 || err != nil || asked != "0001" {
		t.Errorf("%v, %v, asked for %s", found, err, asked)
	}
	broken := errors.New("unreadable")
	if _, err := plan.Findings(folder("1 2 3"), h, func(migration.Migration) (migration.Checksum, error) { return "", broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestConsistent(t *testing.T) {
	for _, c := range []struct {
		at      migration.Version
		history string
		want    string
	}{
		{0, "", ""}, {3, "", ""}, {2, "0-1 1-2", ""}, {1, "0-1 1-2 2-1", ""}, {5, "0-1 1-2", "history"}, {1, "0-1 1-2", "history"},
		{1, "0-1 1-2:begun", "begun"}, {1, "0-1 1-2:failed/2", "begun"}, {1, "0-1 1-2:failed", ""}, {2, "0-1 1-2:begun", "history"}, {3, "0-1 1-3:marked", ""},
	} {
		if got := short(plan.Consistent(plan.History{Current: c.at, Entries: entries(c.history)})); got != c.want {
			t.Errorf("at %d after %q: %q, want %q", c.at, c.history, got, c.want)
		}
	}
}
