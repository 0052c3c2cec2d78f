package jvm

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLaunchers finds the classes that scripts start, wherever their module lies.
func TestLaunchers(t *testing.T) {
	t.Parallel()
	f := read(map[string]string{
		"bin/shop-start.sh":  "#!/bin/bash\n# exec java org.shop.Old\nbase=$(dirname $0)\nexec $base/run-class.sh -Dlog=org.shop.Log $EXTRA shop.Shop \"$@\"\n",
		"bin/shop-topics.sh": "exec $(dirname $0)/run-class.sh org.shop.tools.TopicCommand \"$@\"\n",
		"bin/shop-other.sh":  "exec $JAVA -cp $CP org.apache.other.Main\n",
		"bin/shop-echo.sh":   "echo org.shop.tools.Printed\n",
		"bin/run-class.sh":   "exec $JAVA $OPTS \"$@\"\n",
		"lib/shop-deep.sh":   "exec java shop.Deep\n",
	}, "core/src/main/scala/shop/Shop.scala", "core/src/test/scala/shop/Shop.scala", "tools/src/main/java/org/shop/tools/TopicCommand.java",
		"tools/src/main/java/org/shop/tools/Printed.java", "core/src/main/scala/shop/Deep.scala", "web/myshop/Shop.java", "core/src/main/java/org/shop/Old.java")
	var got []string
	for _, e := range f.EntryPoints {
		got = append(got, e.Name+" "+e.Path)
		if !f.Launched[e.Path] {
			t.Errorf("%s is not told to be launched", e.Path)
		}
	}
	slices.Sort(got)
	want := []string{"shop-start core/src/main/scala/shop/Shop.scala", "shop-topics tools/src/main/java/org/shop/tools/TopicCommand.java"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
