// Lists of numbers, copied as they stand into what is generated in C.

// The place of an item, counted from the end where it is negative. Where there is none,
// Python raises an exception.
static int64_t place(int64_t item, int64_t length, bool *raised)
{
    int64_t found = item < 0 ? item + length : item;
    if (found >= 0 && found < length)
        return found;
    *raised = true;
    return 0;
}

// Another list, with room for so many numbers. Those that were given back come first.
static List *list_new(Lists *lists, int64_t length, int64_t columns)
{
    List *list = lists->released;
    if (list != NULL) {
        lists->released = list->next;
    } else {
        if (lists->count == lists->room)
            lists->each = grown(lists->each, &lists->room, sizeof(List *));
        list = malloc(sizeof(List));
        if (list == NULL)
            abort();
        list->number = lists->count;
        lists->each[lists->count++] = list;
    }
    list->length = length > 0 ? length : 0;
    list->columns = columns > 0 ? columns : 0;
    list->users = 0;
    size_t size = (size_t)(list->length * list->columns);
    list->space = size > 0 ? size : 1;
    list->at = malloc(list->space * sizeof(double));
    if (list->at == NULL)
        abort();
    list->at[0] = NAN;
    return list;
}

// A list of one number, in each of so many places.
static List *list_full(Lists *lists, int64_t length, int64_t columns, double number)
{
    List *list = list_new(lists, length, columns);
    for (int64_t i = 0; i < list->length * list->columns; i++)
        list->at[i] = number;
    return list;
}

// A list of the numbers that stand there.
static List *list_of(Lists *lists, const double *at, int64_t length, int64_t columns)
{
    List *list = list_new(lists, length, columns);
    if (list->length * list->columns > 0)
        memcpy(list->at, at, (size_t)(list->length * list->columns) * sizeof(double));
    return list;
}

static List *list_copy(Lists *lists, const List *list)
{
    return list_of(lists, list->at, list->length, list->columns);
}

// Give back a list that has been read and that nobody has.
static void list_done(Lists *lists, List *list)
{
    if (list->users > 0)
        return;
    free(list->at);
    list->at = NULL;
    list->next = lists->released;
    lists->released = list;
}

// The sums of the numbers in two lists of one length.
static List *list_added(Lists *lists, List *a, List *b)
{
    List *sum = list_copy(lists, a);
    int64_t size = b->length * b->columns;
    for (int64_t i = 0; i < sum->length * sum->columns && i < size; i++)
        sum->at[i] += b->at[i];
    list_done(lists, a);
    list_done(lists, b);
    return sum;
}

// The items of two lists, one after the other.
static List *list_joined(Lists *lists, List *a, List *b)
{
    List *both = list_new(lists, a->length + b->length, 1);
    for (int64_t i = 0; i < a->length; i++)
        both->at[i] = a->at[i];
    for (int64_t i = 0; i < b->length; i++)
        both->at[a->length + i] = b->at[i];
    list_done(lists, a);
    list_done(lists, b);
    return both;
}

// The bound of a slice as a place, from 0 to the length.
static int64_t slice_bound(int64_t bound, int64_t length)
{
    int64_t found = bound < 0 ? bound + length : bound;
    return found < 0 ? 0 : found > length ? length : found;
}

static List *list_slice(Lists *lists, const List *list, int64_t start, int64_t stop)
{
    int64_t first = slice_bound(start, list->length);
    return list_of(lists, list->at + first, slice_bound(stop, list->length) - first, 1);
}

// Add numbers to those of a slice, or store them there; Python's would have to be as
// many as well.
static void list_into_slice(Lists *lists, List *list, int64_t start, int64_t stop,
        List *from, double times, bool *raised)
{
    int64_t first = slice_bound(start, list->length);
    int64_t size = slice_bound(stop, list->length) - first;
    if (from->length != (size > 0 ? size : 0))
        *raised = true;
    for (int64_t i = 0; i < size && i < from->length; i++)
        list->at[first + i] = times * list->at[first + i] + from->at[i];
    list_done(lists, from);
}

// A row of a matrix, a copy.
static List *list_row(Lists *lists, const List *matrix, int64_t row)
{
    return list_of(lists, matrix->at + row * matrix->columns, matrix->columns, 1);
}

// Put a list in the place of a row, which is as long.
static void matrix_store(Lists *lists, List *matrix, int64_t row, List *from,
        bool *raised)
{
    if (from->length != matrix->columns || matrix->length == 0)
        *raised = true;
    else
        memcpy(matrix->at + row * matrix->columns, from->at,
                (size_t)from->length * sizeof(double));
    list_done(lists, from);
}

// A matrix with one row more behind the last, which is as long as the others.
static void matrix_append(Lists *lists, List *matrix, List *row, bool *raised)
{
    if (matrix->length == 0)
        matrix->columns = row->length;
    while (matrix->space < (size_t)((matrix->length + 1) * matrix->columns))
        matrix->at = grown(matrix->at, &matrix->space, sizeof(double));
    matrix->length++;
    matrix_store(lists, matrix, matrix->length - 1, row, raised);
}

// The same matrix, when it has one row more.
static List *matrix_with(Lists *lists, List *matrix, List *row, bool *raised)
{
    matrix_append(lists, matrix, row, raised);
    return matrix;
}

// The last row, which is taken off; where there is none, Python raises an exception.
static List *matrix_pop(Lists *lists, List *matrix, bool *raised)
{
    if (matrix->length > 0)
        return list_row(lists, matrix, --matrix->length);
    *raised = true;
    return list_full(lists, matrix->columns, 1, NAN);
}

// An item of a list that has just been made.
static double list_item(Lists *lists, List *list, int64_t item, bool *raised)
{
    double found = list->at[place(item, list->length, raised)];
    list_done(lists, list);
    return found;
}

static double list_sum(Lists *lists, List *list)
{
    double sum = 0.0;
    for (int64_t i = 0; i < list->length; i++)
        sum += list->at[i];
    list_done(lists, list);
    return sum;
}

// The greatest number, as Python finds it; where there is none, it raises an exception.
static double list_max(Lists *lists, List *list, bool *raised)
{
    if (list->length == 0)
        *raised = true;
    double most = list->at[0];
    for (int64_t i = 1; i < list->length; i++)
        most = list->at[i] > most ? list->at[i] : most;
    list_done(lists, list);
    return most;
}

// The least number, as Python finds it; where there is none, it raises an exception.
static double list_min(Lists *lists, List *list, bool *raised)
{
    if (list->length == 0)
        *raised = true;
    double least = list->at[0];
    for (int64_t i = 1; i < list->length; i++)
        least = list->at[i] < least ? list->at[i] : least;
    list_done(lists, list);
    return least;
}

// 1 where the number in a list is this one, else 0.
static List *list_equal(Lists *lists, List *list, double number)
{
    List *result = list_new(lists, list->length, 1);
    for (int64_t i = 0; i < list->length; i++)
        result->at[i] = list->at[i] == number ? 1.0 : 0.0;
    list_done(lists, list);
    return result;
}

// The one number where that in a list is not 0, the other where it is.
static List *list_chosen(Lists *lists, List *list, double then, double otherwise)
{
    List *result = list_new(lists, list->length, 1);
    for (int64_t i = 0; i < list->length; i++)
        result->at[i] = list->at[i] != 0.0 ? then : otherwise;
    list_done(lists, list);
    return result;
}

// The number in a list where that in the first is not 0, a number where it is.
static List *list_masked(Lists *lists, List *mask, List *list, double otherwise)
{
    List *result = list_full(lists, mask->length, 1, otherwise);
    for (int64_t i = 0; i < mask->length && i < list->length; i++)
        if (mask->at[i] != 0.0)
            result->at[i] = list->at[i];
    list_done(lists, mask);
    list_done(lists, list);
    return result;
}

// The columns of a matrix as rows.
static List *list_transposed(Lists *lists, const List *list)
{
    List *result = list_new(lists, list->columns, list->length);
    for (int64_t i = 0; i < list->length; i++)
        for (int64_t j = 0; j < list->columns; j++)
            result->at[j * list->length + i] = list->at[i * list->columns + j];
    return result;
}

// A list of numbers with one more behind the last.
static void list_append(List *list, double number)
{
    if ((size_t)list->length == list->space)
        list->at = grown(list->at, &list->space, sizeof(double));
    list->at[list->length++] = number;
}

// The last number, which is taken off; where there is none, Python raises an exception.
static double list_pop(List *list, bool *raised)
{
    if (list->length > 0)
        return list->at[--list->length];
    *raised = true;
    return NAN;
}

// The same list, which one more variable or stack has; there may be none.
static List *list_kept(List *list)
{
    if (list != NULL)
        list->users++;
    return list;
}

// The number of a list, under which a stack has it.
static double list_number(List *list)
{
    return list == NULL ? -1.0 : (double)list_kept(list)->number;
}

// One variable or stack less has the list; what nobody has is given back.
static void list_left(Lists *lists, List *list)
{
    if (list == NULL)
        return;
    list->users--;
    list_done(lists, list);
}

// Have the variable be a list, and no longer the one that it was.
static void list_assign(Lists *lists, List **variable, List *list)
{
    list_kept(list);
    list_left(lists, *variable);
    *variable = list;
}

// The list that a stack has under its number.
static List *list_saved(const Lists *lists, double number)
{
    return number < 0.0 ? NULL : lists->each[(size_t)number];
}

// The same, which the stack has no longer.
static List *list_taken(Lists *lists, double number)
{
    List *list = list_saved(lists, number);
    if (list != NULL)
        list->users--;
    return list;
}

// Write the numbers of a list to so many places, or NaN where there is none.
static void list_write(const List *list, double *out, int64_t size)
{
    int64_t own = list == NULL ? 0 : list->length * list->columns;
    for (int64_t i = 0; i < size; i++)
        out[i] = i < own ? list->at[i] : NAN;
}

// Give back all memory.
static void lists_free(Lists *lists)
{
    for (size_t at = 0; at < lists->count; at++) {
        free(lists->each[at]->at);
        free(lists->each[at]);
    }
    free(lists->each);
}
