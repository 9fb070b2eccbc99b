// An adapter of spec/ADAPTER.md to put around your server: `javac Adapter.java`, then adapter-check 'java -cp . Adapter'.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HexFormat;

public class Adapter {
  static final BufferedReader IN = new BufferedReader(new InputStreamReader(System.in));
  static final HexFormat HEX = HexFormat.of();

  /** Of JSON without blanks, as the harness writes it; "" where there is none. */
  static String field(String json, String name) {
    int at = json.indexOf("\"" + name + "\":");
    if (at < 0) return "";
    String rest = json.substring(at + name.length() + 3);
    if (rest.startsWith("\"")) return rest.substring(1, rest.indexOf('"', 1));
    if (rest.startsWith("{")) return rest.substring(1, rest.indexOf('}'));
    return rest.split("[,}]")[0];
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static String hear() throws IOException {
    String line = IN.readLine();
    if (line == null) System.exit(0);
    return line;
  }

  // What your server calls: `at` is its connection, s0 or s1 and so on.
  static boolean send(String at, byte[] frame) throws IOException {
    say("{\"send\":{\"at\":\"%s\",\"hex\":\"%s\"}}".formatted(at, HEX.formatHex(frame)));
    return field(hear(), "ok").equals("true");
  }

  static byte[] random(String at, int n) throws IOException {
    say("{\"rng\":{\"at\":\"%s\",\"bytes\":%d}}".formatted(at, n));
    return HEX.parseHex(field(hear(), "hex"));
  }

  static void accepted(String at, byte[] frame) {
    say("{\"report\":{\"on\":\"accepted\",\"at\":\"%s\",\"hex\":\"%s\"}}".formatted(at, HEX.formatHex(frame)));
  }

  static void rejected(String at, byte[] frame, String reason) {
    String hex = HEX.formatHex(frame);
    say("{\"report\":{\"on\":\"rejected\",\"at\":\"%s\",\"hex\":\"%s\",\"reason\":\"%s\"}}".formatted(at, hex, reason));
  }

  static void ended(String at, String by) {
    say("{\"report\":{\"on\":\"ended\",\"at\":\"%s\",\"by\":\"%s\"}}".formatted(at, by));
  }

  public static void main(String[] args) throws IOException {
    for (;;) {
      String call = hear(), at = field(call, "at"), closing = "{\"ok\":true}";
      switch (field(call, "op")) {
        case "init": // yours: forget everything; "mode", "keys", "limits" and "challenge" of the call
          closing = field(call, "role").equals("server")
              ? "{\"ok\":true,\"emits\":[\"accepted\",\"rejected\",\"ended\"],\"can\":[\"rng\",\"tick\"]}"
              : "{\"unsupported\":true}";
          break;
        case "open": // yours: a connection, `at`
          break;
        case "receive": // yours: bytes of its stream, at the time field(call, "now")
          HEX.parseHex(field(call, "hex"));
          break;
        case "close": // yours: it was closed by the network
          ended(at, "close");
          break;
        case "tick": // yours: timers may fire
          break;
        default:
          closing = "{\"unsupported\":true}";
      }
      say(closing);
    }
  }
}
