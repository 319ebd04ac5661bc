package emulator_test

import (
	"bytes"
	"mime/multipart"
	"net/textproto"
	"os"
	"path/filepath"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

func init() {
	moreRequests = append(moreRequests, func(w *walk) map[string][]request {
		importType, importBody := usersFile("tableau_user_import", "walker,,Walker,Creator,None,yes,walker@example.com\nbad,,,King\n", `<tsRequest><user name="walker" authSetting="SAML"/></tsRequest>`)
		deleteType, deleteBody := usersFile("tableau_user_delete", "nobody-here\n", "")
		site := w.admin.siteContentURL()
		again := serverAdmin(w, w.server) // whose session is by password, and stays
		return map[string][]request{
			"POST /auth/revokeAllServerAdminTokens":      {{by: again, path: "/auth/revokeAllServerAdminTokens"}},
			"DELETE /auth/serverAdminAccessTokens":       {{by: again, path: "/auth/serverAdminAccessTokens"}},
			"GET /sites/{site}/site-auth-configurations": {{by: w.admin, path: "/sites/{site}/site-auth-configurations"}},
			"PUT /sites/{site}": {{w.root, "/sites/" + site + "?key=contentUrl", "text/xml",
				`<tsRequest><site userQuota="500" storageQuota="1000" adminInsightsPublishFrequency="1" askDataMode="DisabledAlways"/></tsRequest>`}},
			"POST /sites/{site}/users/import": {{w.admin, "/sites/{site}/users/import", importType, string(importBody)}},
			"POST /sites/{site}/users/delete": {{w.admin, "/sites/{site}/users/delete", deleteType, string(deleteBody)}},
		}
	})
}

// TestDirectoryAnswersFollowTheSchema validates what the walk cannot reach: groups and users of a directory, and the jobs
// that bring them in.
func TestDirectoryAnswersFollowTheSchema(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithDirectory(directoryFile(t, bakery)))
	admin := newSite(t, server)
	var documents [][]byte
	var origins []string
	call := func(status int, method, path, contentType, body string) node {
		t.Helper()
		r := admin.do(method, path, contentType, []byte(body))
		documents, origins = append(documents, r.body), append(origins, method+" "+path)
		return r.must(t, status)
	}
	bakers := groupDocument("Bakers", "Explorer", "onSync")
	g, _ := call(201, "POST", "/sites/{site}/groups", "text/xml", bakers).find("group")
	call(200, "PUT", "/sites/{site}/groups/"+g.attr("id"), "text/xml", bakers)
	job, _ := call(202, "PUT", "/sites/{site}/groups/"+g.attr("id")+"?asJob=true", "text/xml", bakers).find("job")
	admin.waitForJob(job.attr("id"))
	call(200, "GET", "/sites/{site}/jobs/"+job.attr("id"), "", "")
	contentType, body := usersFile("tableau_user_import", "a\nb,,,King\n", "")
	job, _ = call(202, "POST", "/sites/{site}/users/import", contentType, string(body)).find("job")
	admin.waitForJob(job.attr("id"))
	call(200, "GET", "/sites/{site}/jobs/"+job.attr("id"), "", "")
	call(200, "GET", "/sites/{site}/jobs", "", "")
	call(200, "GET", "/sites/{site}/groups?fields=_all_", "", "")
	call(200, "GET", "/sites/{site}/users?fields=_all_", "", "")
	validate(t, documents, origins)
}

// bakery is a directory of one domain.
const bakery = `
domains:
  - name: example.com
    users:
      - {name: ann, fullName: Ann Baker, email: ann@example.com, password: ann's own}
      - {name: bob, fullName: Bob Baker}
      - {name: cyd}
    groups:
      - {name: Bakers, users: [ann, bob]}
      - {name: Guests, users: [cyd]}
`

func directoryFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "directory.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// groupDocument asks for a group of the domain example.com.
func groupDocument(name, siteRole, licenseMode string) string {
	return `<tsRequest><group name="` + name + `"><import source="ActiveDirectory" domainName="example.com" siteRole="` + siteRole +
		`" grantLicenseMode="` + licenseMode + `"/></group></tsRequest>`
}

// usersFile is a multipart body with a file of users, and a document unless it is "".
func usersFile(part, file, document string) (contentType string, body []byte) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	one, _ := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + part + `"; filename="users.csv"`}, "Content-Type": {"file"}})
	one.Write([]byte(file))
	if document != "" {
		one, _ = w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="request_payload"; filename=""`}, "Content-Type": {"text/xml"}})
		one.Write([]byte(document))
	}
	w.Close()
	return "multipart/mixed; boundary=" + w.Boundary(), out.Bytes()
}
