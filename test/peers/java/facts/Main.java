import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells facts about a server, section by section: java Main HOST:PORT [SECTION...]. */
public final class Main {
    private Main() {}

    private static Map<String, Section> sections() {
        Map<String, Section> sections = new LinkedHashMap<>();
        sections.put("create", new CreateFacts());
        sections.put("calls", new CallFacts());
        sections.put("async", new AsyncFacts());
        sections.put("multi", new MultiFacts());
        sections.put("acl", new AclFacts());
        sections.put("standard watches", new StandardWatchFacts());
        sections.put("lasting watches", new LastingWatchFacts());
        sections.put("removed watches", new RemoveWatchFacts());
        sections.put("chroot", new ChrootFacts());
        sections.put("sessions", new SessionFacts());
        sections.put("reconnection", new ReconnectFacts());
        sections.put("expiry", new ExpiryFacts());
        sections.put("sweep", new SweepFacts());
        sections.put("quota", new QuotaFacts());
        sections.put("recipes", new RecipeFacts());
        return sections;
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Facts facts = new Facts(args[0], out);
        var asked = Arrays.asList(args).subList(1, args.length);
        for (Map.Entry<String, Section> section : sections().entrySet()) {
            if (!asked.isEmpty() && !asked.contains(section.getKey())) continue;
            facts.section(section.getKey());
            section.getValue().tell(facts);
        }
        out.println("# end");
        System.exit(0);
    }
}
