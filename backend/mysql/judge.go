package mysql

import "fmt"

// verdict is what became of a statement that was begun and is not known to have
// ended.
type verdict uint8

const (
	again    verdict = iota // it did nothing, or twice is as good as once: run it
	happened                // it took effect: don't
	unknown                 // a person has to look
)

// judge finds out from what was there before and what is there now. Single
// definitions are atomic on the servers that we run on; what more than one of
// them can leave behind, or what would do harm if it ran twice, is unknown.
//
// The reason says what happened, or why it is unknown.
func (d definition) judge(before, after snapshot) (verdict, string) {
	if before == nil {
		return unknown, "what was there before is not recorded"
	}
	switch d.verb {
	case creates:
		return d.judgeCreate(before, after)
	case drops:
		return d.judgeDrop(before, after)
	case renames:
		return d.judgeRename(before, after)
	case truncates:
		return unknown, "the table has rows, which may have come afterwards"
	}
	return d.judgeAlter(before, after)
}

func (d definition) judgeCreate(before, after snapshot) (verdict, string) {
	o := d.objects[0].String()
	was, is := before[o] != "", after[o] != ""
	switch {
	case !was && is && d.odd != "":
		return unknown, o + " is there, and " + d.odd
	case d.replace && d.kind == "TABLE" && (was || is):
		return unknown, o + " may be the one from before or the new one"
	case d.replace, d.lenient, was, !is:
		return again, ""
	}
	return happened, o + " is there, and was not before"
}

func (d definition) judgeDrop(before, after snapshot) (verdict, string) {
	gone, left := "", ""
	for _, named := range d.objects {
		o := named.String()
		switch was, is := before[o], after[o]; {
		case was == is && was != "":
			left = o
		case was != "" && is == "":
			gone = o
		case was != is:
			return unknown, o + " is not the one from before"
		}
	}
	switch {
	case gone == "" || d.lenient:
		return again, ""
	case left != "":
		return unknown, fmt.Sprintf("%s is gone and %s is not: dropping several is not atomic", gone, left)
	}
	return happened, gone + " is gone, and was there before"
}

func (d definition) judgeRename(before, after snapshot) (verdict, string) {
	seen := make(map[string]bool)
	done, not := 0, 0
	for i := 0; i+1 < len(d.objects); i += 2 {
		from, to := d.objects[i].String(), d.objects[i+1].String()
		if seen[from] || seen[to] {
			return unknown, "it renames several tables in turn"
		}
		seen[from], seen[to] = true, true
		switch {
		case before[from] != "" && before[to] == "" && after[from] == "" && after[to] != "":
			done++
		case before[from] == after[from] && before[to] == after[to]:
			not++
		default:
			return unknown, from + " and " + to + " are neither as they were nor as they would be"
		}
	}
	switch {
	case done == 0:
		return again, ""
	case not > 0:
		return unknown, "some tables are renamed and some are not"
	}
	return happened, d.objects[1].String() + " is there, and was not before"
}

func (d definition) judgeAlter(before, after snapshot) (verdict, string) {
	o := d.objects[0].String()
	was, is := before[o], after[o]
	switch {
	case was == "" || d.kind != "TABLE":
		return again, "" // it fails, or says again what something is
	case is == "":
		return unknown, o + " is not there any more"
	case d.changes == nil && d.odd != "":
		return unknown, d.odd
	case d.changes == nil && was == is:
		return again, ""
	case d.changes == nil:
		return unknown, "the definition of " + o + " is not the one from before, and this statement is not one whose effect can be told by a name"
	}
	done, not, example := 0, 0, ""
	for _, c := range d.changes {
		switch stood, stands := c.stands(was), c.stands(is); {
		case stood == c.add || stood == stands:
			not++ // it was so before, or nothing came of it
		default:
			done++
			example = c.name
			if c.kind == "PRIMARY" {
				example = "the primary key"
			}
		}
	}
	switch {
	case done == 0 && was != is:
		return unknown, "the definition of " + o + " is not the one from before, though not by what this statement does"
	case done == 0:
		return again, ""
	case not > 0:
		return unknown, "some of its changes are there and some are not"
	case d.changes[0].add:
		return happened, example + " is in " + o + ", and was not before"
	}
	return happened, example + " is gone from " + o + ", and was there before"
}
