{# dbt-spark binds an empty cell as the text 'None': on Spark a town without a district would have had
   one. Here an empty cell is null of the column's type, as on DuckDB. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set bindings = [] -%}
        {%- set sql -%}
            insert into {{ this.render() }} values
            {% for row in chunk -%}
            (
                {%- for name in agate_table.column_names -%}
                    {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
                    {%- set cell = row[loop.index0] -%}
                    {%- if cell is none -%}
                        cast(null as {{ type }})
                    {%- else -%}
                        {%- do bindings.append(cell) -%}
                        cast({{ get_binding_char() }} as {{ type }})
                    {%- endif -%}
                    {{ ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {% endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=true) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements[0] if statements else '') }}
{% endmacro %}
