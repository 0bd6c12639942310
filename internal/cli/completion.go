package cli

import (
	"flag"
	"fmt"
	"slices"
	"strings"
)

// commands are the words that may stand first on the command line.
func commands() []string {
	return []string{"check", "completion", "embedded", "init", "keygen", "spec", "state", "write"}
}

// shells are those that completions are written for.
func shells() []string { return []string{"bash", "fish", "zsh"} }

// completion prints a script that completes commands, flags and file names in a shell.
func (p *Program) completion(args []string) error {
	if len(args) != 1 || !slices.Contains(shells(), args[0]) {
		return &usageError{"completion knows " + strings.Join(shells(), ", ")}
	}
	var flags []string
	p.flagSet().VisitAll(func(f *flag.Flag) {
		if len(f.Name) > 1 {
			flags = append(flags, f.Name)
		}
	})
	switch args[0] {
	case "bash":
		fmt.Fprintf(p.Stdout, bashCompletion, strings.Join(commands(), " "), "--"+strings.Join(flags, " --"))
	case "zsh":
		fmt.Fprintf(p.Stdout, zshCompletion, strings.Join(commands(), " "), "--"+strings.Join(flags, " --"))
	case "fish":
		fmt.Fprintf(p.Stdout, "complete -c target-postgres -n __fish_use_subcommand -f -a '%s'\n", strings.Join(commands(), " "))
		for _, name := range flags {
			fmt.Fprintf(p.Stdout, "complete -c target-postgres -l %s%s\n", name, fishValue(name))
		}
	}
	return nil
}

// fishValue says what follows a flag.
func fishValue(name string) string {
	switch name {
	case "config", "input", "summary", "catalog":
		return " -r -F"
	case "format":
		return " -x -a 'text json json-schema markdown'"
	}
	return " -f"
}

const bashCompletion = `_target_postgres() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  case $before in
    --config|-c|--input|--summary|--catalog) COMPREPLY=($(compgen -f -- "$word")) ;;
    --format) COMPREPLY=($(compgen -W "text json json-schema markdown" -- "$word")) ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
    *)
      local words="%[2]s"
      ((COMP_CWORD == 1)) && words="%[1]s $words"
      COMPREPLY=($(compgen -W "$words" -- "$word"))
      ;;
  esac
}
complete -o filenames -F _target_postgres target-postgres
`

const zshCompletion = `#compdef target-postgres
_target_postgres() {
  case $words[CURRENT-1] in
    --config|-c|--input|--summary|--catalog) _files ;;
    --format) compadd text json json-schema markdown ;;
    completion) compadd bash zsh fish ;;
    *)
      ((CURRENT == 2)) && compadd %[1]s
      compadd -- %[2]s
      ;;
  esac
}
compdef _target_postgres target-postgres
`
