import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.Stat;

/** The results of a multi as text. */
final class OpResults {
    private OpResults() {}

    static String shown(OpResult result, Function<Stat, String> stat) {
        if (result instanceof OpResult.CreateResult create) return created(create, stat);
        if (result instanceof OpResult.SetDataResult set) return "set " + stat.apply(set.getStat());
        if (result instanceof OpResult.CheckResult) return "checked";
        if (result instanceof OpResult.DeleteResult) return "deleted";
        if (result instanceof OpResult.GetDataResult data)
            return "data " + text(data.getData()) + " " + stat.apply(data.getStat());
        if (result instanceof OpResult.GetChildrenResult children)
            return "children " + children.getChildren().stream().sorted().toList();
        if (result instanceof OpResult.ErrorResult error) return "error " + KeeperException.Code.get(error.getErr());
        return result.getClass().getSimpleName();
    }

    private static String text(byte[] data) {
        return data == null ? "none" : '"' + new String(data, StandardCharsets.UTF_8) + '"';
    }

    private static String created(OpResult.CreateResult result, Function<Stat, String> stat) {
        String how = result.getType() == 1 ? "created " : "created2 ";
        return how + result.getPath() + (result.getStat() == null ? "" : " " + stat.apply(result.getStat()));
    }
}
