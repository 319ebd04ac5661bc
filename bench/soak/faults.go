package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"time"
)

// faultChoices are what goes wrong, as the emulator's control plane takes it.
var faultChoices = []map[string]any{
	{"effect": "drop-connection"},
	{"effect": "lose-answer"},
	{"effect": "cut-answer"},
	{"effect": "end-session", "chance": 0.003},                 // a client whose session ends often takes it for a quarrel of two
	{"effect": "short-length", "path": "/sites/*/projects/**"}, // half a file would look whole
	{"effect": "short-length", "path": "/sites/*/groups/**"},
	{"effect": "short-length", "path": "/sites/*/users/**"},
	{"effect": "slow-answer", "delay": "1s"},
	{"delay": "300ms"},
	{"status": 429, "retryAfter": "1s"},
	{"status": 503, "retryAfter": "1s"},
	{"status": 503, "retryAfter": "1s", "retryAfterDate": true},
	{"status": 502, "answer": "html"},
	{"status": 500, "answer": "empty"},
	{"status": 504},
}

// makeFaults gives the emulator other faults every few seconds. It fails
// silently while the emulator is down.
func (s *soak) makeFaults(ctx context.Context, random *rand.Rand) {
	for {
		s.clearFaults()
		for range 1 + random.IntN(4) {
			fault := map[string]any{"chance": 0.01 + 0.07*random.Float64(), "seed": random.Uint64()}
			maps.Copy(fault, faultChoices[random.IntN(len(faultChoices))])
			if random.IntN(3) == 0 {
				fault["method"] = []string{"GET", "POST", "PUT", "DELETE"}[random.IntN(4)]
			}
			s.control(http.MethodPost, "faults", fault, nil) // the emulator is down
		}
		if !pause(ctx, 3*time.Second) {
			return
		}
	}
}

// clearFaults removes the faults and counts what they have struck.
func (s *soak) clearFaults() {
	var faults []struct{ Hits int64 }
	if s.control(http.MethodGet, "faults", nil, &faults) == nil && s.control(http.MethodDelete, "faults", nil, nil) == nil {
		for _, one := range faults {
			s.tally.faults.Add(one.Hits)
		}
	}
}

// control calls the emulator's control plane.
func (s *soak) control(method, path string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, s.server.url+"/_emulator/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	client := http.Client{Transport: &s.transport.Transport, Timeout: 30 * time.Second} // not counted: nobody's work
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, data)
	}
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(data, answer)
}
