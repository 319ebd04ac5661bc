package wiretest

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComparisonOfChunks(t *testing.T) {
	t.Parallel()
	const path = "/sites/s/fileUploads/u"
	chunk := func(content string) recordedRequest {
		return recordedRequest{Method: "PUT", Path: path, ContentType: "multipart/mixed; boundary={boundary}", BodyParts: []recordedPart{
			{Name: "tableau_file", FileName: "file", ContentType: "application/octet-stream",
				Size: int64(len(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(content)))},
		}}
	}
	whole := fmt.Sprintf("%x", sha256.Sum256([]byte("abcdefgh")))
	tests := []struct {
		name string
		send []string
		want []string
	}{
		{"the same chunks", []string{"abcde", "fgh"}, nil},
		{"smaller chunks", []string{"abc", "def", "gh"}, nil},
		{"one chunk", []string{"abcdefgh"}, nil},
		{"other content", []string{"abcde", "fgx"}, []string{"upload content"}},
		{"other order", []string{"fgh", "abcde"}, []string{"upload content"}},
		{"a chunk twice", []string{"abcde", "abcde", "fgh"}, []string{"upload size", "upload content"}},
		{"a chunk missing", []string{"abcde"}, []string{"upload size", "upload content"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startCanned(t, &wireCase{
				Requests:  []recordedRequest{chunk("abcde"), chunk("fgh")},
				Responses: []recordedResponse{{Status: 200}, {Status: 200}},
			})
			for _, content := range test.send {
				body := "--b\r\nContent-Disposition: form-data; name=\"tableau_file\"; filename=\"file\"\r\n" +
					"Content-Type: application/octet-stream\r\n\r\n" + content + "\r\n--b--\r\n"
				response, err := server.Client().Do(request(t, http.MethodPut, server.URL+path, body, "Content-Type", "multipart/mixed; boundary=b"))
				if err != nil {
					t.Fatal(err)
				}
				if err := response.Body.Close(); err != nil {
					t.Fatal(err)
				}
				if response.StatusCode != http.StatusOK {
					t.Fatalf("a chunk got the answer %d", response.StatusCode)
				}
			}
			var parts []string
			for _, d := range compareRequests(server, whole) {
				parts = append(parts, d.Part)
			}
			if diff := cmp.Diff(test.want, parts); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}
