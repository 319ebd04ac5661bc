package emulator

import (
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// accelerationElement says how the data acceleration of a workbook or view stands. Nothing is made faster by it.
func accelerationElement(on bool, changed time.Time) *tsxml.Element {
	e := tsxml.New("dataAccelerationConfig").SetBool("accelerationEnabled", on)
	status := "Off"
	if on {
		status = "Accelerated"
	}
	return e.Set("accelerationStatus", status).SetTime("lastUpdatedAt", changed)
}

// accelerate takes over what a request says about the acceleration of a workbook: of the views that it names, or of all.
func (c *call) accelerate(tx *store.Tx, w *store.Workbook, change *tsxml.Element) error {
	config := change.Child("dataAccelerationConfig")
	if _, err := flag(config, "accelerateNow", false); err != nil {
		return err
	}
	if _, given := config.Lookup("accelerationEnabled"); !given {
		return nil
	}
	on, err := flag(config, "accelerationEnabled", false)
	if err != nil {
		return err
	}
	views, _, err := tx.Views(c.site.Seq, w.Seq, store.Query{})
	if err != nil {
		return err
	}
	seqs := map[string]int64{}
	for _, v := range views {
		seqs[v.ID] = v.Seq
	}
	wanted := seqs
	if named := change.Child("views"); named != nil && len(named.Children) > 0 {
		wanted = map[string]int64{}
		for _, v := range named.Children {
			seq, ok := seqs[v.Attr("id")]
			if !ok {
				return fail(viewNotFound, "View '%s' could not be found in workbook '%s'.", v.Attr("id"), w.Name)
			}
			wanted[v.Attr("id")] = seq
		}
	}
	for _, seq := range wanted {
		if err := tx.AccelerateView(seq, on); err != nil {
			return err
		}
	}
	w.Acceleration, w.Accelerated = on, c.now()
	return nil
}
