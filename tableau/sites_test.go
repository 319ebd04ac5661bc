package tableau_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestSiteRefusals(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<site id="s"/>`) })
	sites := server.client(t).Sites
	create := func(site tableau.CreateSite) error {
		_, err := sites.Create(t.Context(), site)
		return err
	}
	update := func(id string, u tableau.SiteUpdate) error {
		_, err := sites.Update(t.Context(), id, u)
		return err
	}
	settings := func(s tableau.SiteSettings) tableau.CreateSite {
		return tableau.CreateSite{Name: "n", ContentURL: "c", SiteSettings: s}
	}
	for want, err := range map[string]error{
		"a name":                             create(tableau.CreateSite{ContentURL: "c"}),
		`the ContentURL "a b"`:               create(tableau.CreateSite{Name: "n", ContentURL: "a b"}),
		`the AdminMode "Nobody"`:             create(settings(tableau.SiteSettings{AdminMode: new(tableau.AdminMode("Nobody"))})),
		"ContentOnly and a UserQuota":        create(settings(tableau.SiteSettings{AdminMode: new(tableau.AdminContentOnly), UserQuota: new(5)})),
		"UserQuota and tier capacities":      create(settings(tableau.SiteSettings{TierViewerCapacity: new(1), UserQuota: new(5)})),
		"RevisionLimit 1 ":                   create(settings(tableau.SiteSettings{RevisionLimit: new(1)})),
		"RevisionLimit 10001":                create(settings(tableau.SiteSettings{RevisionLimit: new(10001)})),
		"name cannot be empty":               update(siteID, tableau.SiteUpdate{Name: new("")}),
		`the ContentURL "ü"`:                 update(siteID, tableau.SiteUpdate{ContentURL: new("ü")}),
		`the State "Gone"`:                   update(siteID, tableau.SiteUpdate{State: new(tableau.SiteState("Gone"))}),
		"the site ID is empty":               update("", tableau.SiteUpdate{}),
		"the site other is not the one":      update("other", tableau.SiteUpdate{}),
		"the site third is not the one that": sites.Delete(t.Context(), "third"),
	} {
		if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want a refusal with %q", err, want)
		}
	}
	if seen := server.requests(); len(seen) != 0 {
		t.Errorf("sent %v", seen)
	}
	if err := create(settings(tableau.SiteSettings{RevisionLimit: new(-1)})); err != nil {
		t.Errorf("a revision limit of -1: %v", err)
	}
}

func TestSiteFlowSettingsByVersion(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<site id="s"/>`) })
	for _, test := range []struct {
		name     string
		version  string
		settings tableau.SiteSettings
		want     string // attributes; "" for a refusal
	}{
		{"one switch", "3.9", tableau.SiteSettings{FlowsEnabled: new(false)}, ` flowsEnabled="false"`},
		{"one switch is now two", "3.10", tableau.SiteSettings{FlowsEnabled: new(true)}, ` editingFlowsEnabled="true" schedulingFlowsEnabled="true"`},
		{"the newer one wins", "3.10", tableau.SiteSettings{FlowsEnabled: new(true), EditingFlowsEnabled: new(false)},
			` editingFlowsEnabled="false" schedulingFlowsEnabled="true"`},
		{"two switches are too new", "3.9", tableau.SiteSettings{SchedulingFlowsEnabled: new(true)}, ""},
		{"nothing", "3.27", tableau.SiteSettings{}, ""},
	} {
		before := len(server.requests())
		u := tableau.SiteUpdate{State: new(tableau.SiteActive), SiteSettings: test.settings}
		_, err := server.client(t, tableau.WithAPIVersion(test.version)).Sites.Update(t.Context(), siteID, u)
		if test.name == "two switches are too new" {
			if !errors.Is(err, tableau.ErrUnsupportedVersion) || len(server.requests()) != before {
				t.Errorf("%s: %v, want ErrUnsupportedVersion", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		want := `<tsRequest><site state="Active"` + test.want + `></site></tsRequest>`
		if got := string(server.requests()[before].Body); got != want {
			t.Errorf("%s: sent %s, want %s", test.name, got, want)
		}
		if test.settings.FlowsEnabled == nil != (u.FlowsEnabled == nil) {
			t.Errorf("%s: the caller's settings were changed", test.name)
		}
	}
}

func TestDeletingTheSiteEndsTheSession(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	client := server.client(t)
	if err := client.Sites.Delete(t.Context(), siteID); err != nil {
		t.Fatal(err)
	}
	if session, ok := client.Session(); ok {
		t.Errorf("still signed in: %v", session)
	}
}

// TestEverySiteSettingCanBeGiven compares what is read with what can be sent.
func TestEverySiteSettingCanBeGiven(t *testing.T) {
	t.Parallel()
	told := map[string]bool{"ID": true, "StatusReason": true, "Usage": true, "Extra": true}
	update := reflect.TypeFor[tableau.SiteUpdate]()
	for field := range reflect.TypeFor[tableau.Site]().Fields() {
		given, ok := update.FieldByName(field.Name)
		if !ok != told[field.Name] {
			t.Errorf("Site.%s can be given: %t", field.Name, ok)
		}
		if ok && given.Tag != field.Tag {
			t.Errorf("%s is read from %s and written to %s", field.Name, field.Tag, given.Tag)
		}
	}
}

func TestRealAuthConfigurations(t *testing.T) {
	t.Parallel()
	configurations, err := serveAsset(t, "site_auth_configurations.xml").Sites.AuthConfigurations(t.Context())
	decoded(t, []*tableau.AuthConfiguration{
		{AuthSetting: "OIDC", Enabled: true, IDPConfigurationID: "00000000-0000-0000-0000-000000000000",
			IDPConfigurationName: "Initial Salesforce", KnownProviderAlias: "Salesforce"},
		{AuthSetting: tableau.AuthSAML, Enabled: true, IDPConfigurationID: "11111111-1111-1111-1111-111111111111", IDPConfigurationName: "Initial SAML"},
	}, configurations, err)
}
