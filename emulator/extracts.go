package emulator

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func extractRoutes() []route {
	return []route{
		answered("POST", "/sites/{site}/workbooks/{workbook}/refresh", "Update Workbook Now", "2.8", SignedIn, refreshNow).
			but("the data stays as it was published: no database stands behind it"),
		answered("POST", "/sites/{site}/workbooks/{workbook}/createExtract", "Create Extracts for Embedded Data Sources in a Workbook", "3.5", SignedIn, createWorkbookExtracts).
			but("the workbook counts as having extracts; its file stays as it was published"),
		answered("POST", "/sites/{site}/workbooks/{workbook}/deleteExtract", "Delete Extracts of Embedded Data Sources from a Workbook", "3.3", SignedIn, deleteWorkbookExtracts).
			but("the workbook counts as having none; its file stays as it was published"),
		answered("POST", "/sites/{site}/datasources/{datasource}/refresh", "Update Data Source Now", "2.8", SignedIn, refreshNow).
			but("the data stays as it was published: no database stands behind it"),
		answered("POST", "/sites/{site}/datasources/{datasource}/createExtract", "Create an Extract for a Data Source", "3.5", SignedIn, createDataSourceExtract).
			but("the data source counts as having an extract; its file stays as it was published"),
		answered("POST", "/sites/{site}/datasources/{datasource}/deleteExtract", "Delete the Extract from a Data Source", "3.5", SignedIn, deleteDataSourceExtract).
			but("the data source counts as having none; its file stays as it was published"),
		answered("POST", "/sites/{site}/encrypt-extracts", "Encrypt Extracts in a Site", "3.5", SiteAdministrator, encryptExtracts).
			but("kept and shown; files stay as they were published, whatever the site's extractEncryptionMode"),
		answered("POST", "/sites/{site}/decrypt-extracts", "Decrypt Extracts in a Site", "3.5", SiteAdministrator, decryptExtracts).
			but("kept and shown; files stay as they were published, whatever the site's extractEncryptionMode"),
		answered("POST", "/sites/{site}/reencrypt-extracts", "Reencrypt Extracts in a Site", "3.5", SiteAdministrator, reencryptExtracts).
			but("there are no keys: the job changes nothing"),
	}
}

// The types of jobs that refresh extracts.
const (
	refreshFull      = "refresh_extracts"
	refreshIncrement = "increment_extracts"
)

// refresh says what extracts to refresh. Jobs keep it as JSON until they run.
type refresh struct {
	WorkbookID, DataSourceID string // one of them is ""
	Name                     string
	Incremental              bool
	Task                     int64 // seq of the task that does it, or 0
	Priority                 int64
}

// refreshOf is what a task does.
func refreshOf(t store.ExtractRefresh) refresh {
	return refresh{t.WorkbookID, t.DataSourceID, t.Name, t.Incremental, t.Seq, t.Schedule.Priority}
}

// queueRefresh adds the job for a refresh, unless one waits or runs.
func (s *Server) queueRefresh(tx *store.Tx, site, user int64, r refresh) (store.Job, error) {
	j := store.Job{JobType: refreshFull, Site: site, User: user, Title: r.Name, Subtitle: "Workbook", Priority: r.Priority,
		WorkbookID: r.WorkbookID, DataSourceID: r.DataSourceID}
	if r.Incremental {
		j.JobType = refreshIncrement
	}
	if r.DataSourceID != "" {
		j.Subtitle = "Datasource"
	}
	return s.addOnlyJob(tx, j, r, refreshFull, refreshIncrement)
}

// extractRefusal is the error for an item whose extracts cannot be treated like that.
func extractRefusal(kind, name, why string) error {
	return fail(extractRefused, "Extract operation for the %s '%s' is not allowed: %s.", kind, name, why)
}

// refreshExtracts refreshes extracts. The data stay as they were published: nothing stands behind them.
func (s *Server) refreshExtracts(ctx context.Context, _ store.User, j *store.Job) (done string, err error) {
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if j.WorkbookID != "" {
			w, err := tx.Workbook(j.Site, j.WorkbookID)
			if err != nil {
				return orNotFound(err, workbookNotFound, "Workbook", j.WorkbookID)
			}
			if !w.HasExtracts {
				return extractRefusal("workbook", w.Name, "it has no extract")
			}
			w.Updated = s.now()
			return tx.UpdateWorkbook(w)
		}
		d, err := tx.DataSource(j.Site, j.DataSourceID)
		if err != nil {
			return orNotFound(err, dataSourceNotFound, "Data source", j.DataSourceID)
		}
		if !d.HasExtracts {
			return extractRefusal("data source", d.Name, "it has no extract")
		}
		d.Updated = s.now()
		return tx.UpdateDataSource(d)
	})
	return "The extracts were refreshed.", err
}

// countRefresh notes with the task how its job ended.
func countRefresh(tx *store.Tx, j store.Job) error {
	var r refresh
	if err := json.Unmarshal([]byte(j.Request), &r); err != nil || r.Task == 0 {
		return err
	}
	return tx.CountRefresh(r.Task, j.Status == store.Failed)
}

// isIncremental reads what kind of refresh the request asks for; it may say nothing.
func (c *call) isIncremental() (bool, error) {
	root, err := c.documentIfAny()
	if err != nil || root == nil {
		return false, err
	}
	wanted := root.Child("extractRefresh")
	if wanted == nil || c.version.before(mustVersion("3.25")) {
		return false, nil
	}
	return flag(wanted, "incremental", false)
}

// refreshable is the workbook or the data source whose extracts are to be refreshed.
type refreshable struct {
	kind, name           string
	workbook, dataSource int64 // seqs: one of them is 0
	hasExtracts          bool
}

// refreshable finds the workbook or the data source with an ID, which the caller must be allowed to refresh; the other ID is "".
func (c *call) refreshable(tx *store.Tx, workbookID, dataSourceID string) (refreshable, error) {
	if workbookID != "" {
		w, err := c.workbookByID(tx, workbookID, "ExtractRefresh")
		return refreshable{"workbook", w.Name, w.Seq, 0, w.HasExtracts}, err
	}
	d, err := c.dataSourceByID(tx, dataSourceID, "ExtractRefresh")
	return refreshable{"data source", d.Name, 0, d.Seq, d.HasExtracts}, err
}

// refreshNow refreshes the workbook or the data source of the path.
func refreshNow(c *call) (*tsxml.Element, error) {
	incremental, err := c.isIncremental()
	if err != nil {
		return nil, err
	}
	r := refresh{WorkbookID: c.id("workbook"), DataSourceID: c.id("datasource"), Incremental: incremental}
	c.status = http.StatusAccepted
	return c.startJob(func(tx *store.Tx) (j store.Job, err error) {
		item, err := c.refreshable(tx, r.WorkbookID, r.DataSourceID)
		if err != nil {
			return j, err
		}
		if !item.hasExtracts {
			return j, extractRefusal(item.kind, item.name, "it has no extract")
		}
		r.Name = item.name
		return c.queueRefresh(tx, c.site.Seq, c.user.Seq, r)
	})
}

// extraction says what to make extracts of, or whose to delete. Jobs keep it as JSON until they run.
type extraction struct {
	Sources []string // ids of a workbook's own data sources
	Encrypt bool
}

// chosenSources reads which of a workbook's own data sources a request is about.
func chosenSources(root *tsxml.Element, all []string) ([]string, error) {
	list := root.Child("datasources")
	if list == nil {
		return all, nil
	}
	if everything, err := flag(list, "includeAll", false); err != nil || everything {
		return all, err
	}
	var chosen []string
	for _, one := range list.Children {
		id := one.Attr("id")
		if !slices.Contains(all, id) {
			return nil, fail(dataSourceNotFound, "The workbook has no data source '%s'.", id)
		}
		chosen = append(chosen, id)
	}
	if len(chosen) == 0 {
		return nil, incomplete("Name data sources, or set includeAll.")
	}
	return chosen, nil
}

// sources returns the ids of a workbook's own data sources, and of those that have an extract.
func (s *Server) sources(tx *store.Tx, w store.Workbook) (all, extracted []string, err error) {
	connections, err := tx.Connections(w.Seq)
	if err != nil {
		return nil, nil, err
	}
	ids := map[string]string{} // by name
	for _, one := range connections {
		ids[one.DataSourceName] = one.DataSourceID
		if !slices.Contains(all, one.DataSourceID) {
			all = append(all, one.DataSourceID)
		}
	}
	if extracted, err = tx.ExtractedSources(w.Seq); err != nil || len(extracted) > 0 || !w.HasExtracts {
		return all, extracted, err
	}
	file, err := s.readWorkbook(w.Blob, w.Bytes, w.Kind)
	if err != nil {
		return nil, nil, err
	}
	for _, one := range file.DataSources {
		for _, name := range []string{one.Caption, one.Name} {
			if id := ids[name]; one.HasExtract && id != "" && !slices.Contains(extracted, id) {
				extracted = append(extracted, id)
			}
		}
	}
	if len(extracted) == 0 {
		extracted = all // the file tells of an extract, and not by a name that was kept
	}
	return all, extracted, nil
}

// changeExtracts adds the job that makes or deletes extracts of the workbook of the path.
func (c *call) changeExtracts(jobType string, encrypt bool) (*tsxml.Element, error) {
	root, err := c.documentIfAny()
	if err != nil {
		return nil, err
	}
	c.status = http.StatusAccepted
	return c.startJob(func(tx *store.Tx) (j store.Job, err error) {
		w, err := c.workbookFor(tx, "Write")
		if err != nil {
			return j, err
		}
		all, extracted, err := c.sources(tx, w)
		if err != nil {
			return j, err
		}
		chosen, err := chosenSources(root, all)
		if err != nil {
			return j, err
		}
		has := func(id string) bool { return slices.Contains(extracted, id) }
		if jobType == "delete_extracts" && !slices.ContainsFunc(chosen, has) {
			return j, extractRefusal("workbook", w.Name, "there is no extract to delete")
		}
		if jobType == "create_extracts" && !slices.ContainsFunc(chosen, func(id string) bool { return !has(id) }) {
			return j, extractRefusal("workbook", w.Name, "there is nothing without an extract")
		}
		return c.queueExtraction(tx, jobType, store.Job{Title: w.Name, Subtitle: "Workbook", WorkbookID: w.ID}, extraction{chosen, encrypt})
	})
}

func (c *call) queueExtraction(tx *store.Tx, jobType string, j store.Job, e extraction) (store.Job, error) {
	j.JobType, j.Site, j.User = jobType, c.site.Seq, c.user.Seq
	return c.addOnlyJob(tx, j, e, jobType)
}

func createWorkbookExtracts(c *call) (*tsxml.Element, error) {
	encrypt, err := c.queryFlag("encrypt")
	if err != nil {
		return nil, err
	}
	return c.changeExtracts("create_extracts", encrypt)
}

func deleteWorkbookExtracts(c *call) (*tsxml.Element, error) {
	return c.changeExtracts("delete_extracts", false)
}

func createDataSourceExtract(c *call) (*tsxml.Element, error) {
	encrypt, err := c.queryFlag("encrypt")
	if err != nil {
		return nil, err
	}
	c.status = http.StatusAccepted
	return c.startJob(func(tx *store.Tx) (j store.Job, err error) {
		d, err := c.dataSourceFor(tx, "Write")
		if err != nil {
			return j, err
		}
		if d.HasExtracts {
			return j, extractRefusal("data source", d.Name, "it has an extract")
		}
		return c.queueExtraction(tx, "create_extracts", store.Job{Title: d.Name, Subtitle: "Datasource", DataSourceID: d.ID}, extraction{Encrypt: encrypt})
	})
}

// deleteDataSourceExtract deletes it at once, as Tableau does: its answer has no job.
func deleteDataSourceExtract(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.dataSourceFor(tx, "Write")
		if err != nil {
			return err
		}
		if !d.HasExtracts {
			return extractRefusal("data source", d.Name, "there is no extract to delete")
		}
		if _, isData := firstBytes[d.Kind]; isData {
			return extractRefusal("data source", d.Name, "the extract is all that it has")
		}
		d.HasExtracts, d.EncryptExtracts, d.Updated = false, false, c.now()
		return tx.UpdateDataSource(d)
	})
}

// changeSources changes which data sources of a job's workbook have extracts.
func (s *Server) changeSources(ctx context.Context, j *store.Job, change func(extracted []string, e extraction) []string) error {
	var e extraction
	if err := json.Unmarshal([]byte(j.Request), &e); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		w, err := tx.Workbook(j.Site, j.WorkbookID)
		if err != nil {
			return orNotFound(err, workbookNotFound, "Workbook", j.WorkbookID)
		}
		_, extracted, err := s.sources(tx, w)
		if err != nil {
			return err
		}
		extracted = change(extracted, e)
		if err := tx.SetExtractedSources(w.Seq, extracted); err != nil {
			return err
		}
		w.HasExtracts, w.Updated = len(extracted) > 0, s.now()
		w.EncryptExtracts = w.HasExtracts && (w.EncryptExtracts || e.Encrypt)
		return tx.UpdateWorkbook(w)
	})
}

// makeExtracts does what a job of the type create_extracts is for.
func (s *Server) makeExtracts(ctx context.Context, _ store.User, j *store.Job) (done string, err error) {
	if j.WorkbookID != "" {
		err = s.changeSources(ctx, j, func(extracted []string, e extraction) []string { return append(extracted, e.Sources...) })
		return "The extracts were created.", err
	}
	var e extraction
	if err := json.Unmarshal([]byte(j.Request), &e); err != nil {
		return "", err
	}
	return "The extract was created.", s.store.Write(ctx, func(tx *store.Tx) error {
		d, err := tx.DataSource(j.Site, j.DataSourceID)
		if err != nil {
			return orNotFound(err, dataSourceNotFound, "Data source", j.DataSourceID)
		}
		d.HasExtracts, d.EncryptExtracts, d.Updated = true, d.EncryptExtracts || e.Encrypt, s.now()
		return tx.UpdateDataSource(d)
	})
}

// dropExtracts does what a job of the type delete_extracts is for.
func (s *Server) dropExtracts(ctx context.Context, _ store.User, j *store.Job) (done string, err error) {
	err = s.changeSources(ctx, j, func(extracted []string, e extraction) []string {
		return slices.DeleteFunc(extracted, func(id string) bool { return slices.Contains(e.Sources, id) })
	})
	return "The extracts were deleted.", err
}

func encryptExtracts(c *call) (*tsxml.Element, error) { return c.changeEncryption("encrypt_extracts") }
func decryptExtracts(c *call) (*tsxml.Element, error) { return c.changeEncryption("decrypt_extracts") }
func reencryptExtracts(c *call) (*tsxml.Element, error) {
	return c.changeEncryption("reencrypt_extracts")
}

func (c *call) changeEncryption(jobType string) (*tsxml.Element, error) {
	return c.startJob(func(tx *store.Tx) (store.Job, error) {
		return c.addJob(tx, store.Job{JobType: jobType, Site: c.site.Seq, User: c.user.Seq, Title: c.site.Name, Subtitle: "Site"}, struct{}{})
	})
}

// encryptSite encrypts or decrypts all extracts of a site. To encrypt them anew changes nothing that anybody sees.
func (s *Server) encryptSite(ctx context.Context, _ store.User, j *store.Job) (done string, err error) {
	return "The extracts of the site are up to date.", s.store.Write(ctx, func(tx *store.Tx) error {
		if j.JobType == "reencrypt_extracts" {
			return nil
		}
		return tx.EncryptExtracts(j.Site, j.JobType == "encrypt_extracts")
	})
}
