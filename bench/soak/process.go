package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	adminName     = "admin"
	adminPassword = "soak-admin"
)

// process is the emulator, a process of its own that can be killed and started
// again at the same address with the same data.
type process struct {
	program, data, log string
	address, url       string

	mu      sync.Mutex
	command *exec.Cmd // nil when it does not run
}

// newProcess builds tabctl and starts it.
func newProcess(ctx context.Context, dir string) (*process, error) {
	p := &process{program: filepath.Join(dir, "tabctl"), data: filepath.Join(dir, "data"), log: filepath.Join(dir, "emulator.log")}
	build := exec.CommandContext(ctx, "go", "build", "-o", p.program, "github.com/tabctl/tableau-go/cmd/tabctl")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building tabctl: %w\n%s", err, out)
	}
	var err error
	if p.address, err = freeAddress(); err != nil {
		return nil, err
	}
	return p, p.start(ctx)
}

// freeAddress finds a port that the system does not give to clients: while the
// server is down, one of them could otherwise be connected with itself.
func freeAddress() (string, error) {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.N(10000))
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("no port is free between 20000 and 30000")
}

// start starts the emulator and waits until it listens.
func (p *process) start(ctx context.Context) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(p.program, "emulator", "--addr", p.address, "--data", p.data, "--user", adminName, "--password", adminPassword)
	command.Stderr = log
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	timer := time.AfterFunc(time.Minute, func() { command.Process.Kill() }) // it has ended already
	defer timer.Stop()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		command.Process.Kill() // it has ended already
		return errors.Join(fmt.Errorf("the emulator says %q: see %s", line, p.log), err, command.Wait())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.command, p.url = command, url
	return ctx.Err()
}

// kill ends the emulator at once, as kill -9 does.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command != nil {
		p.command.Process.Kill() // it has ended already
		p.command.Wait()         // with an error: it was killed
		p.command = nil
	}
}

// stop asks the emulator to end, and waits for it.
func (p *process) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	timer := time.AfterFunc(30*time.Second, func() { p.command.Process.Kill() }) // it has ended already
	defer timer.Stop()
	err := p.command.Wait()
	p.command = nil
	return err
}

// pid is that of the emulator, 0 when it does not run.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command == nil {
		return 0
	}
	return p.command.Process.Pid
}

// complaints are what the emulator has logged that no server should.
func (p *process) complaints() ([]string, error) {
	data, err := os.ReadFile(p.log)
	var found []string
	for line := range bytes.Lines(data) {
		if bytes.Contains(line, []byte("panic")) || bytes.Contains(line, []byte("level=ERROR")) || bytes.Contains(line, []byte("DATA RACE")) {
			found = append(found, string(bytes.TrimSpace(line)))
		}
	}
	return found, err
}
