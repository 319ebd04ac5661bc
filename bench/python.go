package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
)

// The Python client's programs. Their arguments are the server and a file.
const (
	pythonStart = `
import sys, tableauserverclient as tsc
server = tsc.Server(sys.argv[1])
server.version = "` + version + `"
server._set_auth("` + site + `", "` + user + `", "` + token + `")
`
	pythonEnd = `
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(int(line.split()[1]) * 1024)
`
	pythonList = pythonStart + `
count = sum(1 for _ in tsc.Pager(server.workbooks, tsc.RequestOptions(pagesize=1000)))
` + pythonEnd
	pythonUpload   = pythonStart + "server.fileuploads.upload(sys.argv[2])\n" + pythonEnd
	pythonDownload = pythonStart + "server.workbooks.download('w', sys.argv[2])\n" + pythonEnd
)

// python runs a program of the Python client, whose checkout TSC_PATH names, with
// the interpreter that PYTHON names, else python3.
func python(program string, arguments ...string) (result, error) {
	path, interpreter := os.Getenv("TSC_PATH"), cmp.Or(os.Getenv("PYTHON"), "python3")
	if path == "" {
		return result{}, fmt.Errorf("%w: TSC_PATH names no checkout", errAbsent)
	}
	if err := os.Setenv("PYTHONPATH", path); err != nil {
		return result{}, err
	}
	if exec.Command(interpreter, "-c", "import tableauserverclient").Run() != nil {
		return result{}, fmt.Errorf("%w: %s cannot import it", errAbsent, interpreter)
	}
	return command(interpreter, append([]string{"-c", program}, arguments...)...)
}

// tabcmd runs the tabcmd whose checkout TABCMD_PATH names.
func tabcmd(arguments ...string) (result, error) {
	path := os.Getenv("TABCMD_PATH")
	if path == "" {
		return result{}, fmt.Errorf("%w: TABCMD_PATH names no checkout", errAbsent)
	}
	return python("import sys; sys.path.insert(0, sys.argv.pop(1)); from tabcmd.tabcmd import main; main()", append([]string{path}, arguments...)...)
}
