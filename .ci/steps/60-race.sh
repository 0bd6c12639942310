# The race detector over every package that has goroutines or locks or talks to a server, itself or in its tests; all of them share
# one server here. The test step does the rest: the fault harness and test/e2e run the program as the tests of target do, and smaller
# matrices (-short) have the same goroutines.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
only_tests
in_memory
export CGO_ENABLED=1 GORACE=atexit_sleep_ms=0

# These have no goroutines of their own: they look at the packages, or at long values.
alone='TwentyMegabytes|StaySmall|RunOneWay|FewFields|MadeWhole|WhereItRuns|DocumentedSetting'
# These are about what one load does with many tables, columns or rows, in a server's way; how it is loaded is what others watch.
many='NamedAmongMany|MergedTogether|BuffersOfTemporaryTables|WhereThePolicyForbidsIt|NoSettingOfTheSession|TheRoleOfTheREADME|SchemaOfAnyShape|SchemaOfManyTables'
many+='|RowOfManyColumns|ColumnWithDataIsWidened|WayBackIsAlwaysOpen|StandbyIsToldApart|ItsColumnLarger/an_instant|ItsColumnLarger/a_text'
mapfile -t packages < <(
  grep -rlE --include='*.go' '"sync|\.Go\(|^\s*go [a-zA-Z]|internal/pgtest"' protocol target tunnel internal | xargs dirname | sort -u | sed 's#^#./#'
)
((${#packages[@]} > 0)) # else it would be this folder
with_postgres go test -race -short -count=1 -timeout 25m -skip "$alone|$many" "$side_by_side" "${packages[@]}"
