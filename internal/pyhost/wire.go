package pyhost

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// protocol is the number of the language that both sides speak.
const protocol = 1

// hurryUp is how long we listen once the process has ended, for what a native
// library may have forked together with our descriptors.
const hurryUp = time.Second

// Call is a request to call a hook.
type Call struct {
	Hook    string `json:"call"`
	Version int64  `json:"version"`        // for set_version
	Size    int    `json:"size,omitempty"` // of the script, in bytes
	SQL     string `json:"-"`              // for execute_sql
}

// Value is what a hook returned.
type Value struct {
	Version int64 `json:"version"` // by get_version
	Locked  bool  `json:"locked"`  // by lock
}

// hello is the first that the interpreter says, whatever its version.
type hello struct {
	Protocol int    `json:"protocol"`
	Version  [2]int `json:"version"`
}

// oldest is the oldest Python that can run the host.
var oldest = [2]int{3, 8}

// answer is the host's answer to a request.
type answer struct {
	Value
	Locks   bool   `json:"locks"`
	Closes  bool   `json:"closes"`
	Exit    *int   `json:"exit"`
	Stopped int    `json:"stopped"`
	Error   *fault `json:"error"`

	tooOld string // the version of a Python that is
}

// fault is an exception.
type fault struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	Traceback string `json:"traceback"`
	Line      int    `json:"line"`
	Module    string `json:"module"`
}

// wire is our ends of the two pipes.
type wire struct {
	requests *os.File
	answers  *os.File
	lines    *bufio.Reader
}

// newWire returns our ends and theirs.
func newWire() (*wire, []*os.File, error) {
	theirRequests, requests, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	answers, theirAnswers, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(err, theirRequests.Close(), requests.Close())
	}
	return &wire{requests, answers, bufio.NewReader(answers)}, []*os.File{theirRequests, theirAnswers}, nil
}

// greet waits for the interpreter, gives it its program, and returns the answer
// to that.
func (w *wire) greet(o Options) (answer, error) {
	var h hello
	if err := w.read(&h); err != nil {
		return answer{}, err
	}
	if h.Protocol != protocol {
		return answer{}, fmt.Errorf("it speaks protocol %d", h.Protocol)
	}
	if h.Version[0] < oldest[0] || h.Version[0] == oldest[0] && h.Version[1] < oldest[1] {
		return answer{tooOld: fmt.Sprintf("%d.%d", h.Version[0], h.Version[1])}, nil
	}
	err := w.write(struct {
		Program string `json:"program"`
		Config  string `json:"config"`
		DB      string `json:"db"`
	}{program, o.Config, o.Database})
	if err != nil {
		return answer{}, err
	}
	var a answer
	err = w.read(&a)
	return a, err
}

// ask sends a request and returns the answer.
func (w *wire) ask(c Call) (answer, error) {
	c.Size = len(c.SQL)
	err := w.write(c)
	if err == nil && c.SQL != "" {
		_, err = io.WriteString(w.requests, c.SQL)
	}
	if err != nil {
		return answer{}, err
	}
	var a answer
	err = w.read(&a)
	return a, err
}

func (w *wire) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.requests.Write(append(line, '\n'))
	return err
}

func (w *wire) read(v any) error {
	line, err := w.lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// hurry has all reading and writing end soon.
func (w *wire) hurry() {
	soon := time.Now().Add(hurryUp)
	_ = w.answers.SetReadDeadline(soon)
	_ = w.requests.SetWriteDeadline(soon)
}

// hangUp tells the host that there will be no further request.
func (w *wire) hangUp() error {
	if err := w.requests.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func (w *wire) close() error { return errors.Join(w.hangUp(), w.answers.Close()) }
