package emulator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// statusNotes are what a job that adds users has counted: by type of note, one of the schema's.
type statusNotes struct {
	counts  map[string]int
	skipped []string // who was left out, and why
}

// The types of notes, in the order in which they are shown, and what they say.
var noteTexts = []struct{ kind, text string }{
	{"CountOfUsersInActiveDirectoryGroup", "%d users are in the group of Active Directory."},
	{"CountOfUsersProcessed", "%d users were looked at."},
	{"CountOfUsersAddedToSite", "%d users were added to the site."},
	{"CountOfUsersAddedToGroup", "%d users were added to the group."},
	{"CountOfUsersRemovedFromGroup", "%d users were removed from the group."},
	{"CountOfUsersSiteRoleUpdated", "%d users got another site role."},
	{"CountOfUsersInformationUpdated", "%d users got another full name or email address."},
	{"CountOfUsersWithInsufficientLicenses", "%d users stay unlicensed: the site has no licences left."},
	{skippedUsers, "%d users were left out."},
}

const skippedUsers = "CountOfUsersSkipped"

func (n *statusNotes) count(kind string) {
	if n.counts == nil {
		n.counts = map[string]int{}
	}
	n.counts[kind]++
}

// skip notes that somebody was left out.
func (n *statusNotes) skip(who string, err error) {
	n.count(skippedUsers)
	n.skipped = append(n.skipped, who+": "+asAPIError(err).detail)
}

// String is how a job keeps the notes: a line each, of type, value and text.
func (n *statusNotes) String() string {
	var lines []string
	for _, note := range noteTexts {
		value, ok := n.counts[note.kind]
		if !ok {
			continue
		}
		text := fmt.Sprintf(note.text, value)
		if note.kind == skippedUsers {
			text = strings.Join(append([]string{text}, n.skipped...), " ")
		}
		lines = append(lines, note.kind+" "+strconv.Itoa(value)+" "+strings.ReplaceAll(text, "\n", " "))
	}
	return strings.Join(lines, "\n")
}

// showStatusNotes shows the notes of a job that adds users; a line of another form is why the job failed.
func showStatusNotes(e *tsxml.Element, j store.Job, _ *tsxml.Element) {
	if j.Notes == "" {
		return
	}
	list := tsxml.List("statusNotes")
	for line := range strings.SplitSeq(j.Notes, "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		value, text, _ := strings.Cut(rest, " ")
		if !strings.HasPrefix(kind, "CountOf") {
			kind, value, text = "CountOfUsersProcessed", "0", line
		}
		list.Add(tsxml.New("statusNote", "type", kind, "value", value, "text", text))
	}
	e.Add(list)
}
