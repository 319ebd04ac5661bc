// Package tableau is a client for the REST API of Tableau Server and Tableau Cloud.
//
// A [Client] belongs to one site. It signs in by itself at the first call,
// signs in again when its session dies, and is safe for concurrent use:
//
//	c, err := tableau.New("https://10ax.online.tableau.com",
//		tableau.WithSite("marketing"),
//		tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: secret}))
//	if err != nil {
//		return err
//	}
//	defer c.SignOut(context.WithoutCancel(ctx))
//
//	for workbook, err := range c.Workbooks.List(ctx, tableau.Query{
//		Filter: []tableau.Filter{tableau.Eq("projectName", "Finance")},
//	}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(workbook.Name, workbook.UpdatedAt)
//	}
//
// Each REST resource is a field of the client: [Client.Workbooks],
// [Client.Views], [Client.Projects] and so on. List walks all items, reading
// pages ahead; Page reads one page. Publish and Download stream: no file is
// ever held in memory.
//
// Every failure the server reports is an [*Error]; use [errors.Is] with the
// classes ([ErrNotFound], [ErrConflict], …) and errors.AsType for the code.
//
// The client speaks the server's own API version unless [WithAPIVersion] pins
// one. A method that the version does not have fails with
// [ErrUnsupportedVersion] before anything is sent.
package tableau
