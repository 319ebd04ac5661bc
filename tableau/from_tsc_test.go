//lint:file-ignore SA4006 the table shows calls without what a program would do about their errors

package tableau_test

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// fromPython is the table of docs/from-tsc.md: each comment is a call of the
// Python client, the line below it the same here. It is compiled, not run.
func fromPython(ctx context.Context, file io.Reader, out io.Writer, id, other string) (err error) {
	// server = TSC.Server(url, use_server_version=True)
	c, err := tableau.New("https://tableau.example.com")

	// TSC.TableauAuth(name, password, site_id=site)
	c, err = tableau.New("https://tableau.example.com", tableau.WithSite("site"), tableau.WithCredentials(tableau.Password{Name: "name", Password: "password"}))

	// TSC.TableauAuth(name, password, user_id_to_impersonate=id)
	_ = tableau.Password{Name: "name", Password: "password", ImpersonateUserID: id}

	// TSC.PersonalAccessTokenAuth(token_name, secret, site_id=site)
	_ = tableau.PersonalAccessToken{Name: "ci", Secret: os.Getenv("TABLEAU_TOKEN_VALUE")}

	// TSC.JWTAuth(jwt, site_id=site)
	_ = tableau.JWT{Token: os.Getenv("TABLEAU_JWT")}

	// server.auth.sign_in(auth), as a context manager
	err = c.SignIn(ctx) // or nothing: the first call signs in

	// server.auth.sign_out()
	err = c.SignOut(ctx)

	// server.auth.switch_site(site)
	err = c.SwitchSite(ctx, "sales")

	// server.server_info.get()
	_, err = c.Server.Info(ctx)

	// TSC.RequestOptions(pagenumber=2, pagesize=50)
	_ = tableau.Query{PageNumber: 2, PageSize: 50}

	// options.filter.add(TSC.Filter(Field.Name, Operator.Equals, "Sales"))
	_ = tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Sales")}}

	// options.filter.add(TSC.Filter(Field.CreatedAt, Operator.GreaterThan, when))
	_ = tableau.After("createdAt", time.Now().AddDate(0, -1, 0))

	// options.filter.add(TSC.Filter(Field.Tags, Operator.In, ["a", "b"]))
	_ = tableau.In("tags", "a", "b")

	// options.sort.add(TSC.Sort(Field.Name, Direction.Desc))
	_ = tableau.Query{Sort: []tableau.Sort{tableau.Desc("name")}}

	// options.all_fields = True
	_ = tableau.Query{Fields: []string{"_all_"}}

	// server.sites.get()
	_, err = c.Sites.Page(ctx, tableau.Query{})

	// server.sites.get_by_id(id)
	_, err = c.Sites.Get(ctx, id)

	// server.sites.get_by_name(name)
	_, err = c.Sites.GetByName(ctx, "Sales")

	// server.sites.get_by_content_url(content_url)
	_, err = c.Sites.GetByContentURL(ctx, "sales")

	// server.sites.filter(name="Sales")
	_ = c.Sites.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Sales")}})

	// server.projects.get()
	_, err = c.Projects.Page(ctx, tableau.Query{})

	// server.projects.filter(parent_id=id)
	_ = c.Projects.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("parentProjectId", id)}})

	// server.projects.get_by_id(id)
	_, err = c.Projects.Get(ctx, id)

	// server.projects.create(TSC.ProjectItem(name, parent_id=id))
	_, err = c.Projects.Create(ctx, tableau.CreateProject{Name: "EMEA", ParentProjectID: id})

	// server.projects.update(project)
	_, err = c.Projects.Update(ctx, id, tableau.ProjectUpdate{Name: new("Europe"), Description: new("")})

	// server.projects.delete(id)
	err = c.Projects.Delete(ctx, id)

	// server.workbooks.get()
	_, err = c.Workbooks.Page(ctx, tableau.Query{})

	// for workbook in TSC.Pager(server.workbooks)
	_ = c.Workbooks.List(ctx, tableau.Query{}) // for workbook, err := range …

	// server.workbooks.filter(owner_name="Ann")
	_ = c.Workbooks.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("ownerName", "Ann")}})

	// server.workbooks.get_by_id(id)
	_, err = c.Workbooks.Get(ctx, id)

	// server.workbooks.publish(workbook, path, mode)
	_, err = c.Workbooks.PublishFile(ctx, "Sales.twbx", tableau.PublishWorkbook{ProjectID: id, Mode: tableau.Overwrite})

	// server.workbooks.publish(workbook, file_object, mode)
	_, err = c.Workbooks.Publish(ctx, file, tableau.PublishWorkbook{Name: "Sales", ProjectID: id})

	// server.workbooks.publish(workbook, file_object, mode, as_job=True)
	_, err = c.Workbooks.PublishAsJob(ctx, file, tableau.PublishWorkbook{Name: "Sales", ProjectID: id})

	// server.workbooks.download(id, filepath=directory)
	_, err = c.Workbooks.DownloadFile(ctx, id, "backup", tableau.DownloadOptions{})

	// server.workbooks.download(id, filepath=file_object, include_extract=False)
	_, err = c.Workbooks.Download(ctx, id, out, tableau.DownloadOptions{WithoutExtract: true})

	// server.workbooks.update(workbook)
	_, err = c.Workbooks.Update(ctx, id, tableau.WorkbookUpdate{Name: new("Sales"), OwnerID: &other, ShowTabs: new(true)})

	// workbook.data_freshness_policy = DataFreshnessPolicyItem(Option.FreshEvery), then server.workbooks.update(workbook)
	_, err = c.Workbooks.Update(ctx, id, tableau.WorkbookUpdate{Freshness: &tableau.FreshnessPolicy{
		Option: tableau.FreshEveryPeriod, FreshEvery: tableau.FreshEvery{Frequency: tableau.FreshEveryHours, Value: 10}}})

	// server.workbooks.refresh(workbook)
	_, err = c.Workbooks.Refresh(ctx, id)

	// server.workbooks.refresh(workbook, incremental=True)
	_, err = c.Workbooks.RefreshIncremental(ctx, id)

	// server.workbooks.create_extract(workbook, encrypt=True)
	_, err = c.Workbooks.CreateExtract(ctx, id, tableau.EmbeddedDataSources{All: true}, true)

	// server.workbooks.delete_extract(workbook, includeAll=False, datasources=[datasource])
	_, err = c.Workbooks.DeleteExtract(ctx, id, tableau.EmbeddedDataSources{IDs: []string{other}})

	// server.workbooks.delete(id)
	err = c.Workbooks.Delete(ctx, id)

	// server.workbooks.populate_views(workbook)
	_, err = c.Workbooks.Views(ctx, id)

	// server.workbooks.populate_views(workbook, usage=True)
	_, err = c.Workbooks.ViewsWithUsage(ctx, id)

	// server.workbooks.populate_connections(workbook)
	_, err = c.Workbooks.Connections(ctx, id)

	// server.workbooks.update_connection(workbook, connection)
	_, err = c.Workbooks.UpdateConnection(ctx, id, other, tableau.ConnectionUpdate{UserName: new("name"), Password: new("password")})

	// server.workbooks.update_connections(workbook, connection_luids, authentication_type)
	_, err = c.Workbooks.UpdateConnections(ctx, id, tableau.ConnectionsUpdate{ConnectionIDs: []string{other}, AuthenticationType: new("auth-keypair")})

	// server.workbooks.populate_preview_image(workbook)
	err = c.Workbooks.PreviewImage(ctx, id, out)

	// server.workbooks.populate_pdf(workbook, TSC.PDFRequestOptions(page_type=PageType.A4))
	err = c.Workbooks.PDF(ctx, id, out, tableau.PDFOptions{PageType: tableau.PageA4})

	// server.workbooks.populate_powerpoint(workbook, TSC.PPTXRequestOptions(maxage=5))
	err = c.Workbooks.PowerPoint(ctx, id, out, tableau.PowerPointOptions{MaxAge: new(5 * time.Minute)})

	// server.workbooks.populate_revisions(workbook)
	_ = c.Workbooks.Revisions(ctx, id)

	// server.workbooks.download_revision(id, "3", filepath=directory)
	_, err = c.Workbooks.DownloadRevisionFile(ctx, id, 3, "backup", tableau.DownloadOptions{})

	// server.workbooks.download_revision(id, "3", filepath=file_object)
	_, err = c.Workbooks.DownloadRevision(ctx, id, 3, out, tableau.DownloadOptions{})

	// server.workbooks.delete_revision(id, "3")
	err = c.Workbooks.DeleteRevision(ctx, id, 3)

	// server.views.get(usage=True)
	_, err = c.Views.Page(ctx, tableau.ViewQuery{IncludeUsage: true})

	// server.views.filter(name="Overview")
	_ = c.Views.List(ctx, tableau.ViewQuery{Query: tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Overview")}}})

	// server.views.get_by_id(id)
	_, err = c.Views.Get(ctx, id)

	// server.views.get_by_id(id, usage=True)
	_, err = c.Views.GetWithUsage(ctx, id)

	// server.views.populate_preview_image(view)
	err = c.Views.PreviewImage(ctx, other, id, out)

	// server.views.populate_image(view, TSC.ImageRequestOptions(imageresolution="high", maxage=5))
	err = c.Views.Image(ctx, id, out, tableau.ImageOptions{HighResolution: true, ViewData: tableau.ViewData{MaxAge: new(5 * time.Minute)}})

	// server.views.populate_csv(view, options.vf("Region", "East"))
	err = c.Views.CSV(ctx, id, out, tableau.CSVOptions{ViewData: tableau.ViewData{Filters: []tableau.ViewFilter{{Field: "Region", Values: []string{"East"}}}}})

	// server.views.populate_pdf(view, TSC.PDFRequestOptions(orientation=Orientation.Landscape))
	err = c.Views.PDF(ctx, id, out, tableau.PDFOptions{Orientation: tableau.Landscape})

	// server.views.populate_excel(view)
	err = c.Views.Excel(ctx, id, out, tableau.ExcelOptions{})

	// server.views.update(view)
	_, err = c.Tags.Set(ctx, tableau.Content{Type: tableau.ContentView, ID: id}, nil, "a", "b") // it changes nothing but the tags

	// server.views.delete(view)
	err = c.Views.Delete(ctx, id)

	// server.fileuploads.initiate()
	_, err = c.FileUploads.Start(ctx)

	// server.fileuploads.append(upload_id, data, content_type)
	_, err = c.FileUploads.Append(ctx, id, []byte("a block"))

	// server.fileuploads.upload(file)
	_, err = c.FileUploads.Upload(ctx, file, nil)

	// server.jobs.get()
	_, err = c.Jobs.Page(ctx, tableau.Query{})

	// server.jobs.filter(status="Failed")
	_ = c.Jobs.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("status", "Failed")}})

	// server.jobs.get_by_id(id)
	_, err = c.Jobs.Get(ctx, id)

	// server.jobs.cancel(id)
	err = c.Jobs.Cancel(ctx, id)

	// server.jobs.wait_for_job(job)
	_, err = c.Jobs.Wait(ctx, id, tableau.WaitOptions{})

	// server.workbooks.populate_permissions(workbook)
	// server.views.populate_permissions(view)
	// server.datasources.populate_permissions(datasource)
	// server.projects.populate_permissions(project)
	// server.flows.populate_permissions(flow)
	// server.databases.populate_permissions(database)
	// server.tables.populate_permissions(table)
	// server.virtual_connections.populate_permissions(connection)
	_, err = c.Permissions.List(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id})

	// server.workbooks.update_permissions(workbook, rules)
	// server.views.update_permissions(view, rules)
	// server.datasources.update_permissions(datasource, rules)
	// server.projects.update_permissions(project, rules)
	// server.flows.update_permissions(flow, rules)
	// server.databases.update_permissions(database, rules)
	// server.tables.update_permissions(table, rules)
	// server.virtual_connections.add_permissions(connection, rules)
	_, err = c.Permissions.Add(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id}, tableau.Allow(tableau.Grantee{Type: tableau.GranteeGroup, ID: other}, tableau.CapabilityRead))

	// server.workbooks.delete_permission(workbook, rules)
	// server.views.delete_permission(view, rules)
	// server.datasources.delete_permission(datasource, rules)
	// server.projects.delete_permission(project, rules)
	// server.flows.delete_permission(flow, rules)
	// server.databases.delete_permission(database, rules)
	// server.tables.delete_permission(table, rules)
	// server.virtual_connections.delete_permission(connection, rules)
	err = c.Permissions.Delete(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id}, tableau.Deny(tableau.Grantee{Type: tableau.GranteeGroup, ID: other}, tableau.CapabilityExportData))

	// delete the contrary rules, then server.workbooks.update_permissions(workbook, rules)
	_, err = c.Permissions.Set(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id}, tableau.Deny(tableau.Grantee{Type: tableau.GranteeGroup, ID: other}, tableau.CapabilityExportData))

	// server.projects.populate_workbook_default_permissions(project)
	// server.projects.populate_datasource_default_permissions(project)
	// server.projects.populate_flow_default_permissions(project)
	// server.projects.populate_metric_default_permissions(project)
	// server.projects.populate_datarole_default_permissions(project)
	// server.projects.populate_lens_default_permissions(project)
	// server.projects.populate_database_default_permissions(project)
	// server.projects.populate_table_default_permissions(project)
	// server.projects.populate_virtualconnection_default_permissions(project)
	// server.databases.populate_table_default_permissions(database)
	_, err = c.Permissions.Defaults(ctx, tableau.Content{Type: tableau.ContentProject, ID: id}, tableau.ContentWorkbook)

	// server.projects.update_workbook_default_permissions(project, rules)
	// server.projects.update_datasource_default_permissions(project, rules)
	// server.projects.update_flow_default_permissions(project, rules)
	// server.projects.update_metric_default_permissions(project, rules)
	// server.projects.update_datarole_default_permissions(project, rules)
	// server.projects.update_lens_default_permissions(project, rules)
	// server.projects.update_database_default_permissions(project, rules)
	// server.projects.update_table_default_permissions(project, rules)
	// server.projects.update_virtualconnection_default_permissions(project, rules)
	// server.databases.update_table_default_permissions(database, rules)
	_, err = c.Permissions.AddDefaults(ctx, tableau.Content{Type: tableau.ContentProject, ID: id}, tableau.ContentWorkbook, tableau.Allow(tableau.Grantee{Type: tableau.GranteeGroup, ID: other}, tableau.CapabilityRead))

	// server.projects.delete_workbook_default_permissions(project, rules)
	// server.projects.delete_datasource_default_permissions(project, rules)
	// server.projects.delete_flow_default_permissions(project, rules)
	// server.projects.delete_metric_default_permissions(project, rules)
	// server.projects.delete_datarole_default_permissions(project, rules)
	// server.projects.delete_lens_default_permissions(project, rules)
	// server.projects.delete_database_default_permissions(project, rules)
	// server.projects.delete_table_default_permissions(project, rules)
	// server.projects.delete_virtualconnection_default_permissions(project, rules)
	// server.databases.delete_table_default_permissions(database, rules)
	err = c.Permissions.DeleteDefaults(ctx, tableau.Content{Type: tableau.ContentProject, ID: id}, tableau.ContentWorkbook, tableau.Allow(tableau.Grantee{Type: tableau.GranteeGroup, ID: other}, tableau.CapabilityRead))

	// server.workbooks.add_tags(workbook, ["a", "b"])
	// server.views.add_tags(view, ["a", "b"])
	// server.datasources.add_tags(datasource, ["a", "b"])
	// server.flows.add_tags(flow, ["a", "b"])
	// server.databases.add_tags(database, ["a", "b"])
	// server.tables.add_tags(table, ["a", "b"])
	// server.virtual_connections.add_tags(connection, ["a", "b"])
	_, err = c.Tags.Add(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id}, "a", "b")

	// server.workbooks.delete_tags(workbook, ["a", "b"])
	// server.views.delete_tags(view, ["a", "b"])
	// server.datasources.delete_tags(datasource, ["a", "b"])
	// server.flows.delete_tags(flow, ["a", "b"])
	// server.databases.delete_tags(database, ["a", "b"])
	// server.tables.delete_tags(table, ["a", "b"])
	// server.virtual_connections.delete_tags(connection, ["a", "b"])
	err = c.Tags.Delete(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id}, "a", "b")

	// server.workbooks.update_tags(workbook)
	// server.views.update_tags(view)
	// server.datasources.update_tags(datasource)
	// server.flows.update_tags(flow)
	_, err = c.Tags.Set(ctx, tableau.Content{Type: tableau.ContentWorkbook, ID: id}, []tableau.Tag{{Label: "old"}}, "a", "b")

	// server.tags.batch_add(["a"], items)
	_, err = c.Tags.AddBatch(ctx, []string{"a"}, tableau.Content{Type: tableau.ContentWorkbook, ID: id})

	// server.tags.batch_delete(["a"], items)
	_, err = c.Tags.DeleteBatch(ctx, []string{"a"}, tableau.Content{Type: tableau.ContentWorkbook, ID: id})

	// server.users.get()
	_, err = c.Users.Page(ctx, tableau.Query{})

	// server.users.filter(site_role="Viewer")
	_ = c.Users.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq(tableau.FieldSiteRole, "Viewer")}})

	// server.users.get_by_id(id)
	_, err = c.Users.Get(ctx, id)

	// server.users.add(TSC.UserItem(name, role))
	_, err = c.Users.Add(ctx, tableau.AddUser{Name: "ann", SiteRole: tableau.RoleViewer})

	// server.users.add_all(users)
	_, err = c.Users.AddAll(ctx, []tableau.AddUser{{Name: "ann", SiteRole: tableau.RoleViewer}})

	// server.users.create_from_file(path), file read with tableau.ReadUsers
	// server.users.bulk_add(users)
	_, err = c.Users.BulkAdd(ctx, []tableau.ImportUser{{Name: "ann", SiteRole: tableau.RoleViewer}})

	// server.users.bulk_remove(users)
	err = c.Users.BulkRemove(ctx, []tableau.ImportUser{{Name: "ann"}})

	// server.users.update(user, password)
	_, err = c.Users.Update(ctx, id, tableau.UserUpdate{Password: new(os.Getenv("NEW_PASSWORD"))})

	// server.users.remove(id, map_assets_to=other)
	err = c.Users.Remove(ctx, id, other)

	// server.users.populate_workbooks(user)
	_ = c.Users.Workbooks(ctx, id, tableau.Query{})

	// server.users.populate_workbooks(user, owned_only=True)
	_ = c.Users.OwnedWorkbooks(ctx, id, tableau.Query{})

	// server.users.populate_groups(user)
	_ = c.Users.Groups(ctx, id, tableau.Query{})

	// server.users.populate_favorites(user)
	// server.favorites.get(user)
	_ = c.Favorites.List(ctx, id, tableau.Query{})

	// server.groups.get()
	_, err = c.Groups.Page(ctx, tableau.Query{})

	// server.groups.filter(domain_name="local")
	_ = c.Groups.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq(tableau.FieldDomainName, "local")}})

	// server.groups.populate_users(group)
	_ = c.Groups.Users(ctx, id, tableau.Query{})

	// server.groups.create(TSC.GroupItem(name))
	_, err = c.Groups.Create(ctx, tableau.CreateGroup{Name: "Analysts", MinimumSiteRole: tableau.RoleViewer})

	// server.groups.create_AD_group(group)
	_, err = c.Groups.Import(ctx, tableau.ImportGroup{Name: "Analysts", DomainName: "example.com"})

	// server.groups.create_AD_group(group, asJob=True)
	_, err = c.Groups.ImportAsJob(ctx, tableau.ImportGroup{Name: "Analysts", DomainName: "example.com"})

	// server.groups.update(group), of a local group
	_, err = c.Groups.Update(ctx, id, tableau.GroupUpdate{Name: "Analysts", MinimumSiteRole: new(tableau.RoleViewer)})

	// server.groups.update(group), of an Active Directory group
	_, err = c.Groups.Sync(ctx, id, tableau.ImportGroup{Name: "Analysts", DomainName: "example.com"})

	// server.groups.update(group, as_job=True)
	_, err = c.Groups.SyncAsJob(ctx, id, tableau.ImportGroup{Name: "Analysts", DomainName: "example.com"})

	// server.groups.delete(id)
	err = c.Groups.Delete(ctx, id)

	// server.groups.add_user(group, user_id)
	_, err = c.Groups.AddUser(ctx, id, other)

	// server.groups.remove_user(group, user_id)
	err = c.Groups.RemoveUser(ctx, id, other)

	// server.groups.add_users(group, users)
	_, err = c.Groups.AddUsers(ctx, id, []string{other})

	// server.groups.remove_users(group, users)
	err = c.Groups.RemoveUsers(ctx, id, []string{other})

	// server.favorites.add_favorite(user, Resource.Workbook, workbook)
	// server.favorites.add_favorite_workbook(user, workbook)
	// server.favorites.add_favorite_view(user, view)
	// server.favorites.add_favorite_datasource(user, datasource)
	// server.favorites.add_favorite_project(user, project)
	// server.favorites.add_favorite_flow(user, flow)
	// server.favorites.add_favorite_metric(user, metric)
	err = c.Favorites.Add(ctx, id, "Sales", tableau.Content{Type: tableau.ContentWorkbook, ID: other})

	// server.favorites.delete_favorite(user, Resource.Workbook, workbook)
	// server.favorites.delete_favorite_workbook(user, workbook)
	// server.favorites.delete_favorite_view(user, view)
	// server.favorites.delete_favorite_datasource(user, datasource)
	// server.favorites.delete_favorite_project(user, project)
	// server.favorites.delete_favorite_flow(user, flow)
	// server.favorites.delete_favorite_metric(user, metric)
	err = c.Favorites.Remove(ctx, id, tableau.Content{Type: tableau.ContentWorkbook, ID: other})

	// server.sites.create(TSC.SiteItem(name, content_url))
	_, err = c.Sites.Create(ctx, tableau.CreateSite{Name: "Sales", ContentURL: "sales", SiteSettings: tableau.SiteSettings{StorageQuota: new(1000)}})

	// server.sites.update(site)
	_, err = c.Sites.Update(ctx, id, tableau.SiteUpdate{SiteSettings: tableau.SiteSettings{RevisionLimit: new(10)}})

	// server.sites.delete(id)
	err = c.Sites.Delete(ctx, id)

	// server.sites.encrypt_extracts(id)
	err = c.Sites.EncryptExtracts(ctx, id)

	// server.sites.decrypt_extracts(id)
	err = c.Sites.DecryptExtracts(ctx, id)

	// server.sites.re_encrypt_extracts(id)
	err = c.Sites.ReencryptExtracts(ctx, id)

	// server.sites.list_auth_configurations()
	_, err = c.Sites.AuthConfigurations(ctx)

	// server.auth.revoke_all_server_admin_tokens()
	err = c.Server.RevokeAllServerAdminTokens(ctx)

	// server.datasources.get()
	_, err = c.DataSources.Page(ctx, tableau.Query{})

	// server.datasources.filter(is_certified=True)
	_ = c.DataSources.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Is(tableau.FieldIsCertified, true)}})

	// server.datasources.get_by_id(id)
	_, err = c.DataSources.Get(ctx, id)

	// server.datasources.publish(datasource, path, mode)
	_, err = c.DataSources.PublishFile(ctx, "Sales.tdsx", tableau.PublishDataSource{ProjectID: id, Mode: tableau.Overwrite})

	// server.datasources.publish(datasource, file_object, mode)
	_, err = c.DataSources.Publish(ctx, file, tableau.PublishDataSource{Name: "Sales", ProjectID: id, Mode: tableau.Append})

	// server.datasources.publish(datasource, file_object, mode, as_job=True)
	_, err = c.DataSources.PublishAsJob(ctx, file, tableau.PublishDataSource{Name: "Sales", ProjectID: id})

	// server.datasources.update(datasource)
	_, err = c.DataSources.Update(ctx, id, tableau.DataSourceUpdate{OwnerID: new(other), Certified: new(true)})

	// server.datasources.update_hyper_data(datasource, request_id=…, actions=[…], payload=path)
	_, err = c.DataSources.UpdateHyperData(ctx, id, tableau.HyperDataUpdate{Actions: []tableau.HyperAction{{Action: tableau.HyperReplace, SourceTable: "Extract", TargetTable: "Extract"}}, Payload: file})

	// server.datasources.update_hyper_data(connection, request_id=…, actions=[…])
	_, err = c.DataSources.UpdateConnectionHyperData(ctx, id, other, tableau.HyperDataUpdate{Actions: []tableau.HyperAction{{Action: tableau.HyperDelete, TargetTable: "Extract"}}})

	// server.datasources.refresh(datasource)
	_, err = c.DataSources.Refresh(ctx, id)

	// server.datasources.refresh(datasource, incremental=True)
	_, err = c.DataSources.RefreshIncremental(ctx, id)

	// server.datasources.create_extract(datasource, encrypt=True)
	_, err = c.DataSources.CreateExtract(ctx, id, true)

	// server.datasources.delete_extract(datasource)
	err = c.DataSources.DeleteExtract(ctx, id)

	// server.datasources.delete(id)
	err = c.DataSources.Delete(ctx, id)

	// server.datasources.download(id, filepath=directory)
	_, err = c.DataSources.DownloadFile(ctx, id, "backup", tableau.DownloadOptions{})

	// server.datasources.download(id, filepath=file_object)
	_, err = c.DataSources.Download(ctx, id, out, tableau.DownloadOptions{})

	// server.datasources.populate_connections(datasource)
	_, err = c.DataSources.Connections(ctx, id)

	// server.datasources.update_connection(datasource, connection)
	_, err = c.DataSources.UpdateConnection(ctx, id, other, tableau.ConnectionUpdate{ServerAddress: new("db.example.com")})

	// server.datasources.update_connections(datasource, ids, authentication_type, username)
	_, err = c.DataSources.UpdateConnections(ctx, id, tableau.ConnectionsUpdate{ConnectionIDs: []string{other}, AuthenticationType: new("UsernamePassword"), UserName: new("reader")})

	// server.datasources.populate_revisions(datasource)
	_ = c.DataSources.Revisions(ctx, id)

	// server.datasources.download_revision(id, "3", filepath=directory)
	_, err = c.DataSources.DownloadRevisionFile(ctx, id, 3, "backup", tableau.DownloadOptions{})

	// server.datasources.download_revision(id, "3", filepath=file_object)
	_, err = c.DataSources.DownloadRevision(ctx, id, 3, out, tableau.DownloadOptions{})

	// server.datasources.delete_revision(id, "3")
	err = c.DataSources.DeleteRevision(ctx, id, 3)

	// server.datasources.populate_dqw(datasource)
	_, err = c.DataSources.QualityWarnings(ctx, id)

	// server.datasources.add_dqw(datasource, warning)
	_, err = c.DataSources.AddQualityWarning(ctx, id, tableau.AddQualityWarning{Type: tableau.WarningStale, Message: "Not loaded since Monday"})

	// server.datasources.update_dqw(datasource, warning)
	_, err = c.DataSources.UpdateQualityWarning(ctx, id, tableau.QualityWarningUpdate{Active: new(false)})

	// server.datasources.delete_dqw(datasource)
	err = c.DataSources.DeleteQualityWarnings(ctx, id)

	// server.schedules.get()
	_, err = c.Schedules.Page(ctx, tableau.Query{})

	// server.schedules.get_by_id(id)
	_, err = c.Schedules.Get(ctx, id)

	// server.schedules.create(TSC.ScheduleItem(name, priority, Type.Extract, ExecutionOrder.Parallel, interval))
	_, err = c.Schedules.Create(ctx, tableau.CreateSchedule{Name: "Nightly", Type: tableau.ScheduleExtract, Recurrence: tableau.Daily{Start: "02:00:00"}})

	// server.schedules.update(schedule)
	_, err = c.Schedules.Update(ctx, id, tableau.ScheduleUpdate{Priority: new(10), Recurrence: tableau.Weekly{Start: "02:00:00", Days: []tableau.WeekDay{tableau.Monday}}})

	// server.schedules.delete(id)
	err = c.Schedules.Delete(ctx, id)

	// server.schedules.batch_update_state(schedules, state)
	_, err = c.Schedules.SetState(ctx, tableau.ScheduleSuspended, id, other)

	// server.schedules.batch_update_state([], state, update_all=True)
	_, err = c.Schedules.SetStateOfAll(ctx, tableau.ScheduleSuspended)

	// server.schedules.add_to_schedule(id, workbook=workbook)
	// server.workbooks.schedule_extract_refresh(id, workbook)
	_, err = c.Schedules.AddWorkbook(ctx, id, other, tableau.TaskExtractRefresh)

	// server.schedules.add_to_schedule(id, datasource=datasource)
	// server.datasources.schedule_extract_refresh(id, datasource)
	_, err = c.Schedules.AddDataSource(ctx, id, other)

	// server.schedules.add_to_schedule(id, flow=flow)
	// server.flows.schedule_flow_run(id, flow)
	_, err = c.Schedules.AddFlow(ctx, id, other)

	// server.schedules.get_extract_refresh_tasks(id)
	_ = c.Schedules.ExtractRefreshes(ctx, id, tableau.Query{})

	// server.tasks.get()
	_, err = c.Tasks.Page(ctx, tableau.TaskExtractRefresh, tableau.Query{})

	// server.tasks.get(task_type=TaskItem.Type.DataAcceleration)
	_ = c.Tasks.List(ctx, tableau.TaskDataAcceleration, tableau.Query{})

	// server.tasks.get_by_id(id)
	_, err = c.Tasks.Get(ctx, tableau.TaskExtractRefresh, id)

	// server.tasks.run(task)
	_, err = c.Tasks.Run(ctx, tableau.TaskExtractRefresh, id)

	// server.tasks.delete(id)
	err = c.Tasks.Delete(ctx, tableau.TaskExtractRefresh, id)

	// server.tasks.create(task)
	_, err = c.Tasks.CreateExtractRefresh(ctx, tableau.CreateExtractRefresh{WorkbookID: id, Recurrence: tableau.Weekly{Start: "02:00:00", Days: []tableau.WeekDay{tableau.Monday}}})

	// server.flow_tasks.create(task)
	_, err = c.Tasks.CreateFlowRun(ctx, tableau.CreateFlowRun{FlowID: id, Recurrence: tableau.Monthly{Start: "02:00:00", Days: []tableau.MonthDay{tableau.LastDay}}})

	// server.subscriptions.get()
	_, err = c.Subscriptions.Page(ctx, tableau.Query{})

	// server.subscriptions.get_by_id(id)
	_, err = c.Subscriptions.Get(ctx, id)

	// server.subscriptions.create(TSC.SubscriptionItem(subject, schedule_id, user_id, target))
	_, err = c.Subscriptions.Create(ctx, tableau.CreateSubscription{Subject: "Sales", ContentID: id, ContentType: tableau.SubscribeToWorkbook, UserID: other, ScheduleID: "schedule"})

	// server.subscriptions.update(subscription)
	_, err = c.Subscriptions.Update(ctx, id, tableau.SubscriptionUpdate{AttachPDF: new(true), PageType: new(tableau.PageA4)})

	// server.subscriptions.delete(id)
	err = c.Subscriptions.Delete(ctx, id)

	return err
}

var _ = fromPython
