package emulator_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

// TestRefreshes runs a task twice, an hour after the workbook was published.
func TestRefreshes(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return time.Unix(now.Load(), 0) }))
	root, admin := serverAdmin(t, server), newSite(t, server)
	schedule, _ := root.xml(201, "POST", "/schedules", scheduleDocument("E", "Extract", "Daily", `start="02:00:00"`)).find("schedule")
	w := admin.published("Bakery")
	admin.withExtract("/sites/{site}/workbooks/" + w.attr("id"))
	task, _ := admin.xml(200, "PUT", "/sites/{site}/schedules/"+schedule.attr("id")+"/workbooks",
		`<tsRequest><task><extractRefresh><workbook id="`+w.attr("id")+`"/></extractRefresh></task></tsRequest>`).find("extractRefresh")
	now.Add(3600)
	for range 2 {
		started, _ := admin.xml(200, "POST", "/sites/{site}/tasks/extractRefreshes/"+task.attr("id")+"/runNow", "<tsRequest/>").find("job")
		if started.attr("type") != "RefreshExtract" || started.attr("mode") != "Asynchronous" {
			t.Errorf("started %+v", started)
		}
		if done := admin.waitForJob(started.attr("id")); done.attr("finishCode") != "0" {
			t.Errorf("the job ends with %+v", done)
		}
	}
	listed, _ := admin.xml(200, "GET", "/sites/{site}/jobs?filter=jobType:eq:refresh_extracts,status:eq:Success", "").find("pagination")
	if listed.attr("totalAvailable") != "2" {
		t.Errorf("%s refreshes have succeeded, want 2", listed.attr("totalAvailable"))
	}
	after, _ := admin.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id"), "").find("workbook")
	if got := after.attr("updatedAt"); got != "2024-01-01T01:00:00Z" {
		t.Errorf("the workbook was updated at %s, want the time of the refresh", got)
	}
}
