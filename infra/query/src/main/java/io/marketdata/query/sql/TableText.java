package io.marketdata.query.sql;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Prints a result as a table for a person: columns in line also if their letters are wide, numbers at the right. */
final class TableText {

    /** The widths are those of so many rows; the rows after them are printed as they come. */
    private static final int ROWS_FOR_WIDTHS = 1_000;

    private static final int MOST_WIDTH = 100;

    /** Control characters, line separators and marks that turn the direction of a line. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private static final String SEPARATOR = " | ";

    private final PrintWriter out;
    private final List<Boolean> isNumber = new ArrayList<>();
    private final List<Integer> widths = new ArrayList<>();

    TableText(PrintWriter out) {
        this.out = out;
    }

    /** Prints it; returns the number of rows. */
    long print(ResultSet result) throws SQLException {
        ResultSetMetaData columns = result.getMetaData();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            names.add(cell(columns.getColumnLabel(i)));
            isNumber.add(
                    columns.getColumnTypeName(i).matches("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|DOUBLE"));
        }
        List<List<String>> first = new ArrayList<>();
        boolean isMore = result.next();
        while (isMore && first.size() < ROWS_FOR_WIDTHS) {
            first.add(row(result, names.size()));
            isMore = result.next();
        }
        for (int i = 0; i < names.size(); i++) {
            int column = i;
            int widest =
                    first.stream().mapToInt(row -> width(row.get(column))).max().orElse(0);
            widths.add(Math.max(widest, width(names.get(i))));
        }
        line(names, false);
        out.println(String.join("-+-", widths.stream().map("-"::repeat).toList()));
        first.forEach(row -> line(row, true));
        long rows = first.size();
        for (; isMore; isMore = result.next()) {
            line(row(result, names.size()), true);
            rows++;
        }
        out.println(rows == 1 ? "(1 row)" : "(" + rows + " rows)");
        out.flush();
        return rows;
    }

    private static List<String> row(ResultSet result, int columns) throws SQLException {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
            row.add(cell(text(result.getObject(i))));
        }
        return row;
    }

    private static String text(@Nullable Object value) {
        if (value == null) {
            return "NULL";
        }
        return value instanceof BigDecimal number
                ? number.toPlainString()
                : value instanceof OffsetDateTime time ? time.toInstant().toString() : value.toString();
    }

    /** In one line, without control characters, and not longer than a person reads. */
    private static String cell(String text) {
        String line = CONTROL.matcher(text)
                .replaceAll(control ->
                        String.format(Locale.ROOT, "\\\\u%04x", control.group().codePointAt(0)));
        if (width(line) <= MOST_WIDTH) {
            return line;
        }
        StringBuilder cut = new StringBuilder();
        int width = 1;
        for (int i = 0; i < line.length(); i += Character.charCount(line.codePointAt(i))) {
            int next = line.codePointAt(i);
            width += width(next);
            if (width > MOST_WIDTH) {
                break;
            }
            cut.appendCodePoint(next);
        }
        return cut + "…";
    }

    private void line(List<String> cells, boolean isRow) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String space = " ".repeat(Math.max(0, widths.get(i) - width(cells.get(i))));
            line.append(i == 0 ? "" : SEPARATOR);
            line.append(isRow && isNumber.get(i) ? space + cells.get(i) : cells.get(i) + space);
        }
        out.println(line.toString().stripTrailing());
    }

    /** Columns on a terminal. */
    static int width(String text) {
        return text.codePoints().map(TableText::width).sum();
    }

    /** Wide letters take two columns, marks none (Unicode Standard Annex 11, the wide blocks that symbols and names use). */
    private static int width(int codePoint) {
        int type = Character.getType(codePoint);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean isWide = codePoint >= 0x1100
                && (codePoint <= 0x115F
                        || (codePoint >= 0x2E80 && codePoint <= 0xA4CF)
                        || (codePoint >= 0xAC00 && codePoint <= 0xD7A3)
                        || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
                        || (codePoint >= 0xFE30 && codePoint <= 0xFE6F)
                        || (codePoint >= 0xFF00 && codePoint <= 0xFF60)
                        || (codePoint >= 0xFFE0 && codePoint <= 0xFFE6)
                        || (codePoint >= 0x1F300 && codePoint <= 0x1FAFF)
                        || (codePoint >= 0x20000 && codePoint <= 0x3FFFD));
        return isWide ? 2 : 1;
    }
}
