package sqlscan

// Mentions says whether one of the words stands in a statement's text, outside of
// strings, quoted names and comments. What a word is, [Token.Is] says.
func Mentions(text []byte, d Dialect, words ...string) bool {
	if !Occurs(text, words...) {
		return false // as nearly always, and found out sooner
	}
	for l := Lex(text, d); l.Next(); {
		if l.Token.Is(words...) {
			return true
		}
	}
	return false
}

// Occurs says whether one of the words may stand in a statement's text, perhaps in
// a string or in a longer word.
func Occurs(text []byte, words ...string) bool {
	var begins [256]bool
	for _, word := range words {
		begins[word[0]|0x20], begins[word[0]&^0x20] = true, true // letters in both cases
	}
	for i, c := range text {
		if !begins[c] {
			continue
		}
		for _, word := range words {
			if len(text)-i >= len(word) && equalFold(text[i:i+len(word)], word) {
				return true
			}
		}
	}
	return false
}
