// Command rampforge serves the product and analyses repositories.
package main

import (
	"os"

	"github.com/rampforgeai/rampforge/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
