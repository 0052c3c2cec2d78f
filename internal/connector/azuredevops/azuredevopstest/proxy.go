package azuredevopstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Hosts are the hosts of Azure DevOps Services that the fake can stand for.
var Hosts = []string{"dev.azure.com", "vssps.dev.azure.com", "almsearch.dev.azure.com"}

// Proxy is a proxy for programs that know no other host than those of Azure
// DevOps Services: it answers for them itself, with a certificate of its own
// authority, and lets nothing else through.
type Proxy struct {
	*httptest.Server

	// Authority is the certificate of its authority, as PEM.
	Authority []byte

	certificate tls.Certificate
	handler     http.Handler
	mu          sync.Mutex
	conns       map[net.Conn]bool
}

// NewProxy starts a proxy that answers as the fake does. Close ends it.
func (s *Server) NewProxy() (*Proxy, error) {
	p := &Proxy{handler: s.Config.Handler, conns: map[net.Conn]bool{}}
	if err := p.certify(); err != nil {
		return nil, err
	}
	p.Server = httptest.NewServer(http.HandlerFunc(p.connect))
	return p, nil
}

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() {
	p.Server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *Proxy) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: Hosts[0]}, DNSNames: Hosts, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	own, err := x509.CreateCertificate(rand.Reader, leaf, authority, &key.PublicKey, key)
	if err != nil {
		return err
	}
	p.Authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	p.certificate = tls.Certificate{Certificate: [][]byte{own}, PrivateKey: key}
	return nil
}

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	hijacker, ok := w.(http.Hijacker)
	known := false
	for _, each := range Hosts {
		known = known || each == host
	}
	if r.Method != http.MethodConnect || err != nil || !known || !ok {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	p.mu.Lock()
	p.conns[conn] = true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, conn)
		_ = conn.Close()
	}()
	if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")); err != nil {
		return
	}
	inner := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{p.certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	one := &single{conn: inner, done: make(chan struct{})}
	server := &http.Server{Handler: p.handler, ReadHeaderTimeout: time.Minute}
	_ = server.Serve(one) // ends with the connection
}

// single is a listener for one connection, and ends when that has.
type single struct {
	conn net.Conn
	once sync.Once
	done chan struct{}
	used bool
}

func (s *single) Accept() (net.Conn, error) {
	if !s.used {
		s.used = true
		return &ending{Conn: s.conn, end: s.end}, nil
	}
	<-s.done
	return nil, errors.New("there is no other connection")
}

func (s *single) end() { s.once.Do(func() { close(s.done) }) }

// Close implements net.Listener.
func (s *single) Close() error {
	s.end()
	return nil
}

// Addr implements net.Listener.
func (s *single) Addr() net.Addr { return s.conn.LocalAddr() }

type ending struct {
	net.Conn

	end func()
}

// Close closes the connection and its listener.
func (e *ending) Close() error {
	defer e.end()
	return e.Conn.Close()
}
