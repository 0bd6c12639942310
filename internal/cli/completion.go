package cli

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// commands are the words that may stand first on the command line.
func commands() []string { return slices.Sorted(maps.Keys(afterCommand())) }

// afterCommand is what may follow each command: its flags, or the words that it takes.
func afterCommand() map[string][]string {
	return map[string][]string{
		"check":      {"--config", "--exit-code"},
		"completion": shells(),
		"embedded":   {"remove", "stop"},
		"init":       {"--database", "--force", "--host", "--output", "--password", "--port", "--schema", "--ssl-mode", "--url", "--username"},
		"keygen":     {"--comment", "--output"},
		"spec":       nil,
		"state":      {"--config"},
		"write":      {"--catalog", "--config", "--input"},
	}
}

// shells are those that completions are written for.
func shells() []string { return []string{"bash", "fish", "zsh"} }

// namesFile reports whether a flag takes the name of a file.
func namesFile(name string) bool {
	return slices.Contains([]string{"catalog", "config", "input", "output", "state-file", "summary"}, name)
}

// completion prints a script that completes commands, flags and file names in a shell.
func (p *Program) completion(args []string) error {
	if len(args) != 1 || !slices.Contains(shells(), args[0]) {
		return &usageError{"completion knows " + strings.Join(shells(), ", ")}
	}
	var flags []string
	p.flagSet().VisitAll(func(f *flag.Flag) {
		if len(f.Name) > 1 {
			flags = append(flags, "--"+f.Name)
		}
	})
	switch args[0] {
	case "bash":
		fmt.Fprintf(p.Stdout, bashCompletion, strings.Join(commands(), " "), strings.Join(flags, " "), cases("        %s:*) words=\"%s\" ;;\n"))
	case "zsh":
		fmt.Fprintf(p.Stdout, zshCompletion, strings.Join(commands(), " "), strings.Join(flags, " "), cases("        %s:*) compadd -- %s ;;\n"))
	case "fish":
		p.fishCompletion(flags)
	}
	return nil
}

// cases are the branches of a shell's case statement for the commands.
func cases(branch string) string {
	var all strings.Builder
	for _, command := range commands() {
		fmt.Fprintf(&all, branch, command, strings.Join(afterCommand()[command], " "))
	}
	return all.String()
}

func (p *Program) fishCompletion(flags []string) {
	fmt.Fprintf(p.Stdout, "complete -c target-postgres -n __fish_use_subcommand -f -a '%s'\n", strings.Join(commands(), " "))
	complete := func(when, word string) {
		if name, isFlag := strings.CutPrefix(word, "--"); isFlag {
			fmt.Fprintf(p.Stdout, "complete -c target-postgres -n %s -l %s%s\n", when, name, fishValue(name))
			return
		}
		fmt.Fprintf(p.Stdout, "complete -c target-postgres -n %s -f -a %s\n", when, word)
	}
	for _, option := range flags {
		complete("'not __fish_seen_subcommand_from "+strings.Join(commands(), " ")+"'", option)
	}
	for _, command := range commands() {
		for _, word := range afterCommand()[command] {
			complete("'__fish_seen_subcommand_from "+command+"'", word)
		}
	}
}

// fishValue says what follows a flag.
func fishValue(name string) string {
	switch {
	case namesFile(name):
		return " -r -F"
	case name == "format":
		return " -x -a 'text json json-schema markdown'"
	default:
		return " -f"
	}
}

const bashCompletion = `_target_postgres() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words="%[2]s"
  case $before in
    --config|-c|--input|--output|--state-file|--summary|--catalog) COMPREPLY=($(compgen -f -- "$word")) ;;
    --format) COMPREPLY=($(compgen -W "text json json-schema markdown" -- "$word")) ;;
    *)
      case ${COMP_WORDS[1]}:$COMP_CWORD in
        *:1) words="%[1]s $words" ;;
%[3]s      esac
      COMPREPLY=($(compgen -W "$words" -- "$word"))
      ;;
  esac
}
complete -o filenames -F _target_postgres target-postgres
`

const zshCompletion = `#compdef target-postgres
_target_postgres() {
  case $words[CURRENT-1] in
    --config|-c|--input|--output|--state-file|--summary|--catalog) _files ;;
    --format) compadd text json json-schema markdown ;;
    *)
      case $words[2]:$CURRENT in
        *:2) compadd -- %[1]s %[2]s ;;
%[3]s        *) compadd -- %[2]s ;;
      esac
      ;;
  esac
}
compdef _target_postgres target-postgres
`
