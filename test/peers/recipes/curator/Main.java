/*
 * Recipes of Curator that are told what to do: `Main HOST:PORT SESSION_TIMEOUT_MS`. Each line of input is a JSON list
 * `[id, name, verb, ...arguments]`, each line of output `{"id": ..., "value": ...}` or `{"id": ..., "error": ...}`. `make` gives a
 * recipe a name; what is said to one name is done on one thread, in order. The end of the input ends the session.
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;

public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CONNECT_MS = 20_000;
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final CuratorFramework client;
    private final Map<String, Recipe> recipes = new HashMap<>();
    private final Map<String, ExecutorService> threads = new HashMap<>();

    private Main(CuratorFramework client) {
        this.client = client;
    }

    public static void main(String[] args) throws Exception {
        int sessionMs = Integer.parseInt(args[1]);
        CuratorFramework client =
                CuratorFrameworkFactory.newClient(args[0], sessionMs, CONNECT_MS, new RetryNTimes(100, 100));
        client.start();
        client.blockUntilConnected();
        say(0, "value", "ready");
        Main main = new Main(client);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            List<JsonNode> words = new ArrayList<>();
            JSON.readTree(line).forEach(words::add);
            main.obey(words);
        }
        client.close();
        System.exit(0);
    }

    private void obey(List<JsonNode> words) throws IOException {
        int id = words.get(0).asInt();
        String name = words.get(1).asText();
        String verb = words.get(2).asText();
        Arguments arguments = new Arguments(words.subList(3, words.size()));
        if (verb.equals("make")) {
            recipes.put(name, Recipes.make(client, arguments));
            threads.put(name, Executors.newSingleThreadExecutor(Main::daemon));
            say(id, "value", null);
            return;
        }
        Recipe recipe = recipes.get(name);
        threads.get(name).execute(() -> answer(id, recipe, verb, arguments));
    }

    private static void answer(int id, Recipe recipe, String verb, Arguments arguments) {
        try {
            say(id, "value", recipe.call(verb, arguments));
        } catch (Exception | LinkageError error) {
            sayError(id, error);
        }
    }

    private static void sayError(int id, Throwable error) {
        try {
            say(id, "error", error.toString());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void say(int id, String what, Object value) throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", id);
        answer.put(what, value);
        String line = JSON.writeValueAsString(answer);
        synchronized (OUT) {
            OUT.println(line);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }
}
