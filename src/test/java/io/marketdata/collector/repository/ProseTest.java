package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.command.CollectorCommand;
import io.marketdata.collector.testkit.JavaSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * Documents, help texts, settings files, alerts and messages use the field's words and plain English. CHANGELOG.md is
 * exempt: it lists the old names beside the new ones.
 *
 * <p>A new word of the glossary is a row of {@link #RULES}, with an example that the rule must catch.
 */
class ProseTest {

    /** An expression that is not used, what to write instead, and a sentence that the rule must catch. */
    private record Rule(Pattern pattern, String instead, String example) {}

    /** Text that a rule must not judge: in files that match {@code file}, where {@code near} is part of the line. */
    private record Allowed(String file, String near, String because) {
        boolean covers(String name, String line) {
            return name.matches(file) && line.contains(near);
        }
    }

    private record Finding(String file, long line, String word, String instead) {
        @Override
        public String toString() {
            return file + ":" + line + ": \"" + word + "\", use: " + instead;
        }
    }

    /** A blank in a pattern is any white space, so that an expression is found across a line break. */
    private static Rule rule(String pattern, String instead, String example) {
        String spaced = pattern.replace(" ", "[\\s#*]{1,40}");
        return new Rule(Pattern.compile(spaced, Pattern.CASE_INSENSITIVE), instead, example);
    }

    private static final List<Rule> RULES = List.of(
            // words of the glossary
            rule("\\bholes?\\b", "gap", "A hole of 7 trades."),
            rule(
                    "(?<!symbolic |hard |soft |download |markdown |<)\\blinks?\\b(?!-local|-layer| to the (page|document))",
                    "connection",
                    "Two links carry the same trades."),
            rule("\\blanes?\\b", "feed line", "The lane replaces its connection."),
            rule("\\brecorders?\\b", "collector", "The recorder has stopped."),
            rule("\\bship(s|ped|ping|pers?)?\\b", "upload", "Every part was shipped."),
            rule("\\btapes?\\b", "recorded market data, or replay file", "Plays the tape."),
            rule("\\bstorms?\\b", "fault injection", "A storm of one minute."),
            rule("\\bfake (exchange|bucket|S3)\\b", "simulator", "Against a fake exchange."),
            rule("\\bdoors?\\b", "interface, dependency", "Doors are one-way."),
            rule(
                    "\\brooms\\b|\\b(a|each|every|which|this|that|other|another) room\\b",
                    "package",
                    "Every room is small."),
            rule("\\bhearts?\\b", "thread progress", "Its heart stands still."),
            rule(
                    "\\brounds?\\b(?![- ](trips?|robin|up|down|off|to|number)\\b)(?<!way round|all round)",
                    "cycle",
                    "One round of its work."),
            rule(
                    "\\b(a|an|one|each|every|the next|the last|first|its own|counts its) looks?\\b|\\blooks are\\b",
                    "check",
                    "The next look finds it."),
            rule("\\blook(s|ed|ing)? whether\\b", "check whether", "It looks whether the disk is full."),
            rule("\\blook(s|ed|ing)? for it\\b|\\blooked for\\b", "retry, poll, backfill", "Missing and looked for."),
            rule(
                    "`silent`|\\b(connections?|feeds?|lines?|symbols?) (is|are|was|were|goes|gone|went|stays?) silent\\b"
                            + "|\\b(goes|gone|went|calls? it|called) silent\\b"
                            + "|\\bsilent (connection|feed|line|symbol|market)s?\\b|\\bsilence[ _]timeout\\b",
                    "stale (timeout: idle)",
                    "The connection is silent."),
            rule("\\bsuccessor first\\b", "make-before-break", "Replaced successor first."),
            rule("`\\.last`|\\bthe note\\b", "checkpoint", "Written to `.last`."),
            rule("\\bhighest ids?\\b", "high-water mark", "Its highest id is 7."),
            rule(
                    "\\brecovered (trades?|ids?|parts?|ones?)\\b|\\btrades? (is|are|was|were) recovered\\b"
                            + "|\\bRecovered:|\\brecovery (over|by|through|from|with) REST\\b|\\bREST recovery\\b",
                    "backfill",
                    "Recovered trades have parts of their own."),
            rule(
                    "\\bgiven up\\b|\\blost for good\\b|\\bgave (it|them|trades) up\\b",
                    "unrecoverable",
                    "Trades were given up."),
            rule(
                    "\\breading (stops|stopped|has stopped|pauses|paused|is paused|resumes|goes on)\\b"
                            + "|\\bstop(s|ped)? reading\\b",
                    "ingestion pauses",
                    "Reading has stopped."),
            rule(
                    "\\bparts? (that|which) waits?\\b|\\bwaiting parts?\\b|\\bparts? (is|are) waiting\\b|\\bparts? waits?\\b"
                            + "|\\bwhat waits\\b|\\bnothing waits\\b",
                    "backlog",
                    "The parts that wait."),
            rule(
                    "\\b(collector_links?_\\w+|collector_\\w+_(shipped|recovered|lost)_total|collector_parts_waiting"
                            + "|collector_reading|links_(down|few)|holes_open|ids_lost|silence_timeout|stall_after"
                            + "|shipping_limit|LostTrades|LinksDown|LinksUnstable|LinksReplacedOften|LinkNeverLasts"
                            + "|InstanceBlind|TradesLost|HolesOpen|LinksLoseTrades|ReadingStopped|CloudWatchBlind)\\b"
                            + "|(?<![\\w/.])(recovery|ship)\\.[a-z]\\w+",
                    "the new name (CHANGELOG.md, \"Renamed\")",
                    "collector_links_open is 2."),
            // plain English
            rule("\\bwho(so)?ever\\b", "name the actor", "Whoever asks is answered."),
            rule("\\b(nobody|somebody)\\b", "name the actor", "Nobody answers on the port."),
            rule("\\banew\\b", "again", "Counts anew."),
            rule("\\bmend(s|ed|ing)?\\b", "fix", "Only the newest version is mended."),
            rule("\\bfor ever\\b", "indefinitely", "Tried again for ever."),
            rule("\\ball the same\\b", "anyway", "It starts all the same."),
            rule("\\bwhat (has )?(passed|passes)\\b", "missed trades", "What passed is fetched."),
            rule("\\bwhat remains\\b", "the backlog", "It says what remains."),
            rule("\\b(told|tells?|telling)\\b(?! [^.]{1,40} apart\\b)", "publish, report, log", "CloudWatch is told."),
            rule("\\blet(s|ting)? go( of)?\\b", "release, close", "It lets go of the lock."),
            rule("\\b(go|goes|going|went) on\\b(?! for\\b)", "continue", "Recording goes on."),
            rule("\\b(brings?|brought|bringing)\\b(?! up\\b)", "deliver", "It brings no trades."),
            rule("\\bstands? in\\b|\\bstood in\\b", "is listed in", "It stands in the manifest."),
            rule("\\b(lies?|lay|lying) (in|there|on|below|under|beside)\\b", "is in", "It lies in the spool."),
            rule("\\b(is|are|was|were|be|been) asked for\\b", "is requested", "It is asked for again."),
            rule("\\bpass(es|ed)? over\\b", "skip", "It passes over the line."),
            rule("\\bonce and not again\\b", "only once", "Logged once and not again."),
            rule("\\bsome \\d", "about", "It takes some 7 GB."),
            rule("\\bout of reach\\b", "unreachable", "S3 is out of reach."),
            rule("\\bknow(s|n)? (it |them )?again\\b", "recognise", "It knows them again."),
            rule(
                    "\\bholds? [^.,;:]{1,40} (against|to) (the|its) (manifest|lines|bucket)\\b",
                    "check X against Y",
                    "It holds each line to its manifest."),
            rule("\\bputs? aside\\b", "quarantine", "It was put aside."),
            rule("\\bno whole (trade|line|part|record)\\b", "not a complete …", "7 bytes are no whole trade."),
            rule("\\bthe whole way\\b", "the full pipeline", "Shows the whole way."),
            rule("\\bin good order\\b", "cleanly", "Stopped in good order."),
            rule("\\b(answers for|learns nothing)\\b", "is down, cannot publish", "Nothing answers for tokyo-1."),
            rule(
                    "\\bkill anybody\\b|\\banybody has to know\\b",
                    "restart; the operator",
                    "No reason to kill anybody."));

    private static final List<Allowed> ALLOWED =
            List.of(new Allowed("src/test/.*/ProseTest\\.java", "", "it lists the words that it looks for"));

    private static List<Finding> check(String file, long firstLine, String text) {
        List<Finding> findings = new ArrayList<>();
        for (Rule rule : RULES) {
            for (MatchResult match : rule.pattern().matcher(text).results().toList()) {
                int lineStart = text.lastIndexOf('\n', match.start()) + 1;
                int lineEnd = text.indexOf('\n', match.end());
                String line = text.substring(lineStart, lineEnd < 0 ? text.length() : lineEnd);
                if (ALLOWED.stream().noneMatch(allowed -> allowed.covers(file, line))) {
                    long at = firstLine
                            + text.substring(0, lineStart)
                                    .chars()
                                    .filter(c -> c == '\n')
                                    .count();
                    findings.add(new Finding(file, at, match.group().replaceAll("\\s+", " "), rule.instead()));
                }
            }
        }
        return findings;
    }

    private static Stream<Path> filesOf(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        }
    }

    @Test
    void whatUsersReadIsPlainEnglishInTheWordsOfTheField() throws IOException {
        List<Path> files = new ArrayList<>(
                filesOf("docs").filter(file -> file.toString().endsWith(".md")).toList());
        Stream.of(
                        "README.md",
                        "AI_DEV_GUIDE.md",
                        "CONTRIBUTING.md",
                        "systemd/README.md",
                        "infra/terraform/README.md",
                        "configs/collector.yaml",
                        ".env.example",
                        "infra/monitoring/alerts.yml")
                .map(Path::of)
                .filter(Files::exists)
                .forEach(files::add);
        List<Finding> findings = new ArrayList<>();
        for (Path file : files) {
            findings.addAll(check(file.toString(), 1, Files.readString(file)));
        }
        for (CommandLine command : commands(CollectorCommand.commandLine(code -> {}))) {
            String name = "help of " + command.getCommandSpec().qualifiedName();
            findings.addAll(check(name, 1, command.getUsageMessage(CommandLine.Help.Ansi.OFF)));
        }
        for (JavaSources.Literal literal : new JavaSources(Path.of("src/main/java")).literals()) {
            if (literal.text().contains(" ")) {
                findings.addAll(check(literal.file(), literal.line(), literal.text()));
            }
        }
        assertThat(files).hasSizeGreaterThan(15);
        assertThat(findings).isEmpty();
    }

    private static List<CommandLine> commands(CommandLine root) {
        List<CommandLine> commands = new ArrayList<>(List.of(root));
        root.getSubcommands().values().forEach(each -> commands.addAll(commands(each)));
        return commands;
    }

    /** The three words that have no other meaning here, in code and comments as well. */
    @Test
    void noFileUsesTheOldWordsForGapFeedLineAndCollector() throws IOException {
        Pattern old = Pattern.compile("\\b(holes?|lanes?|recorders?)\\b", Pattern.CASE_INSENSITIVE);
        List<Path> files = new ArrayList<>(List.of(Path.of("README.md"), Path.of("AI_DEV_GUIDE.md")));
        for (String folder : List.of("src", "docs", "infra", "configs", "systemd", "schemas")) {
            files.addAll(filesOf(folder).filter(ProseTest::isText).toList());
        }
        List<String> findings = new ArrayList<>();
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                boolean allowed = ALLOWED.stream().anyMatch(each -> each.covers(file.toString(), line));
                if (!allowed && old.matcher(line).find()) {
                    findings.add(file + ":" + (i + 1) + ": " + line.strip());
                }
            }
        }
        assertThat(files).hasSizeGreaterThan(300);
        assertThat(findings).isEmpty();
    }

    private static boolean isText(Path file) {
        String name = file.toString();
        return !name.endsWith(".png")
                && !name.endsWith(".gz")
                && !name.contains("/.terraform/")
                && !name.contains("/target/");
    }

    @Test
    void everyRuleCatchesItsExample() {
        for (Rule rule : RULES) {
            assertThat(check("README.md", 1, "One line.\n" + rule.example()))
                    .as(rule.pattern().pattern())
                    .anySatisfy(finding -> {
                        assertThat(finding.instead()).isEqualTo(rule.instead());
                        assertThat(finding.toString()).startsWith("README.md:2: \"");
                    });
        }
        assertThat(check("README.md", 1, "Uploads go\non."))
                .extracting(Finding::word)
                .containsExactly("go on");
    }

    @Test
    void plainWordsPassEveryRule() {
        assertThat(check("README.md", 1, """
                        A symbolic link, 169.254.169.254 (link-local), <link rel="icon">, a round trip, round-robin.
                        No room on the disk. Never silently missing. The whole file, crash recovery, `rotated_by`: recovery.
                        Redundant connections, gaps, feed lines, the backlog; give_up_after is 24h; it gives up after 5 attempts.
                        """)).isEmpty();
    }
}
