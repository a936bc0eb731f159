/* The arguments of a command, by their places. */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

final class Arguments {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final List<JsonNode> values;

    Arguments(List<JsonNode> values) {
        this.values = values;
    }

    String text(int place) {
        return values.get(place).asText();
    }

    byte[] bytes(int place) {
        return text(place).getBytes(StandardCharsets.UTF_8);
    }

    int number(int place) {
        return values.get(place).asInt();
    }

    Map<?, ?> map(int place) {
        return JSON.convertValue(values.get(place), Map.class);
    }
}
