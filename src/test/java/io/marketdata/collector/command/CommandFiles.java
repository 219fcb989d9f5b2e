package io.marketdata.collector.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Writes shell completion and man pages of an installed package from the declarations of the commands. The build runs it
 * before it makes the jar; nothing of it is in the jar.
 */
public final class CommandFiles {

    private static final String NAME = "market-collector";

    private CommandFiles() {}

    /** @param arguments the directory, in which it makes completion and man */
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]));
    }

    static void write(Path target) throws IOException {
        CommandLine line = CollectorCommand.commandLine(code -> {}).setCommandName(NAME);
        Path completion = Files.createDirectories(target.resolve("completion"));
        Files.writeString(completion.resolve(NAME + ".bash"), AutoComplete.bash(NAME, line));
        Files.writeString(completion.resolve(NAME + ".fish"), fish(line.getCommandSpec()));
        Path man = Files.createDirectories(target.resolve("man/man1"));
        for (CommandSpec command : all(line.getCommandSpec())) {
            Files.writeString(man.resolve(pageName(command) + ".1"), page(command));
        }
    }

    private static List<CommandSpec> all(CommandSpec command) {
        List<CommandSpec> found = new ArrayList<>(List.of(command));
        command.subcommands().values().forEach(line -> found.addAll(all(line.getCommandSpec())));
        return found;
    }

    // --- fish ---

    private static String fish(CommandSpec root) {
        StringBuilder script = new StringBuilder("# Completion of " + NAME + " for fish; generated.\n");
        for (CommandSpec command : all(root)) {
            String here = condition(command);
            for (CommandLine sub : command.subcommands().values()) {
                script.append("complete -c " + NAME + " -f" + here + " -a " + sub.getCommandName() + " -d "
                        + quoted(summary(sub.getCommandSpec())) + "\n");
            }
            for (OptionSpec option : command.options()) {
                script.append("complete -c " + NAME + here);
                for (String name : option.names()) {
                    script.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
                }
                script.append(option.arity().max() > 0 ? " -r" : " -f").append(candidates(option));
                script.append(" -d " + quoted(text(option.description())) + "\n");
            }
        }
        return script.toString();
    }

    /** Holds where exactly this command has been typed. */
    private static String condition(CommandSpec command) {
        List<String> tests = new ArrayList<>();
        for (CommandSpec each = command; each.parent() != null; each = each.parent()) {
            tests.add(0, "__fish_seen_subcommand_from " + each.name());
        }
        if (!command.subcommands().isEmpty()) {
            tests.add("not __fish_seen_subcommand_from "
                    + String.join(" ", command.subcommands().keySet()));
        }
        return " -n " + quoted(String.join("; and ", tests));
    }

    private static String candidates(OptionSpec option) {
        if (option.completionCandidates() == null) {
            return "";
        }
        List<String> values = new ArrayList<>();
        option.completionCandidates().forEach(values::add);
        return " -a " + quoted(String.join(" ", values));
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    // --- man ---

    private static String page(CommandSpec command) {
        StringBuilder page =
                new StringBuilder(".TH \"" + pageName(command).toUpperCase(java.util.Locale.ROOT) + "\" 1\n");
        page.append(".SH NAME\n" + pageName(command) + " \\- " + roff(summary(command)) + "\n");
        String synopsis = new CommandLine.Help(command, CommandLine.Help.defaultColorScheme(Ansi.OFF)).synopsis(0);
        page.append(".SH SYNOPSIS\n" + roff(synopsis.strip().replaceAll("\\s+", " ")) + "\n");
        page.append(".SH DESCRIPTION\n");
        for (String paragraph : rendered(command.usageMessage().description())) {
            page.append(paragraph.isEmpty() ? ".PP\n" : roff(paragraph) + "\n");
        }
        page.append(".SH OPTIONS\n");
        command.positionalParameters().forEach(each -> item(each.paramLabel(), each, page));
        command.options().forEach(each -> item(names(each), each, page));
        if (!command.subcommands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            command.subcommands()
                    .values()
                    .forEach(sub -> page.append(".TP\n\\fB" + roff(sub.getCommandName()) + "\\fR\n"
                            + roff(summary(sub.getCommandSpec())) + "\n"));
        }
        page.append(".SH EXAMPLES\n.nf\n");
        rendered(command.usageMessage().footer()).stream()
                .filter(line -> !line.isEmpty())
                .forEach(line -> page.append(roff(line) + "\n"));
        return page.append(".fi\n").toString();
    }

    private static void item(String label, ArgSpec arg, StringBuilder page) {
        page.append(".TP\n\\fB" + roff(label) + "\\fR\n" + roff(text(arg.description())) + "\n");
    }

    private static String names(OptionSpec option) {
        return String.join(", ", option.names()) + (option.arity().max() > 0 ? " " + option.paramLabel() : "");
    }

    private static String roff(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    // --- both ---

    private static String pageName(CommandSpec command) {
        return command.qualifiedName("-");
    }

    /** The first sentence of the description. */
    private static String summary(CommandSpec command) {
        String all = text(command.usageMessage().description());
        int end = all.indexOf(". ");
        return end < 0 ? all : all.substring(0, end + 1);
    }

    private static String text(String[] lines) {
        return rendered(lines).stream().filter(line -> !line.isEmpty()).collect(Collectors.joining(" "));
    }

    private static List<String> rendered(String[] lines) {
        List<String> rendered = new ArrayList<>();
        for (String line : lines) {
            rendered.add(Ansi.OFF.string(line));
        }
        return rendered;
    }
}
