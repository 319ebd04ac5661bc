package emulator_test

import (
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

func init() {
	moreRequests = append(moreRequests, func(w *walk) map[string][]request {
		return map[string][]request{
			"GET /sites/{site}/flows":       {{by: w.admin, path: "/sites/{site}/flows?pageSize=10"}},
			"GET /sites/{site}/customviews": {{by: w.admin, path: "/sites/{site}/customviews"}},
			"GET /sites/{site}/webhooks":    {{by: w.admin, path: "/sites/{site}/webhooks"}},
		}
	})
}

// Samples of the Python client look for these, and go on when there are none.
func TestWhatIsNotThereIsAnEmptyList(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	for path, item := range map[string]string{"flows": "flow", "customviews": "customView", "webhooks": "webhook"} {
		if got := names(admin.xml(200, "GET", "/sites/{site}/"+path, ""), item); len(got) != 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
	if got := admin.do("GET", "/sites/{site}/flows?pageNumber=2", "", nil).code(); got != "400006" {
		t.Errorf("a second page: error %q", got)
	}
	project, _ := admin.xml(201, "POST", "/sites/{site}/projects", `<tsRequest><project name="P"/></tsRequest>`).find("project")
	for _, content := range []string{"lenses", "metrics"} {
		admin.xml(200, "GET", "/sites/{site}/projects/"+project.attr("id")+"/default-permissions/"+content, "")
	}
}
