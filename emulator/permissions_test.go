package emulator_test

import (
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// TestWhoMaySeePermissions lets owners and leaders of the project pass, and refuses others.
func TestWhoMaySeePermissions(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	other := colleague(admin, "Creator")
	outer, _ := admin.xml(201, "POST", "/sites/{site}/projects", `<tsRequest><project name="Outer"/></tsRequest>`).find("project")
	inner, _ := admin.xml(201, "POST", "/sites/{site}/projects",
		`<tsRequest><project name="Inner" parentProjectId="`+outer.attr("id")+`"/></tsRequest>`).find("project")
	path := "/sites/{site}/projects/" + inner.attr("id") + "/permissions"

	if r := other.do("GET", path, "", nil); r.code() != "403004" {
		t.Errorf("somebody else is answered %d: %s", r.status, r.body)
	}
	around := "/sites/{site}/projects/" + outer.attr("id")
	grant := `<tsRequest><permissions><granteeCapabilities><user id="` + other.id +
		`"/><capabilities><capability name="ProjectLeader" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`
	admin.xml(200, "PUT", around+"/permissions", grant)
	other.xml(200, "GET", path, "")

	admin.xml(200, "PUT", around, `<tsRequest><project contentPermissions="LockedToProjectWithoutNested"/></tsRequest>`)
	if _, locked := admin.xml(200, "GET", path, "").find("parent"); locked {
		t.Error("a lock without nested projects holds for a nested project")
	}
	admin.xml(200, "PUT", around, `<tsRequest><project contentPermissions="LockedToProject"/></tsRequest>`)
	if parent, _ := admin.xml(200, "GET", path, "").find("parent"); parent.attr("id") != outer.attr("id") {
		t.Errorf("the project that decides is %q", parent.attr("id"))
	}
	if r := other.do("PUT", path, "text/xml", []byte(grant)); r.code() != "403004" {
		t.Errorf("a change below a lock is answered %d: %s", r.status, r.body)
	}
	admin.xml(204, "DELETE", around+"/permissions/users/"+other.id+"/ProjectLeader/Allow", "")
	if r := other.do("GET", path, "", nil); r.code() != "403004" {
		t.Errorf("a leader of before is answered %d: %s", r.status, r.body)
	}
}
