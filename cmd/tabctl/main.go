// Tabctl is the command line of Tableau Server and Tableau Cloud.
package main

import (
	"os"

	"github.com/tabctl/tableau-go/internal/cli"
)

func main() { os.Exit(cli.Main()) }
