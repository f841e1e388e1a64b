import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tenant's catalogue as a whole: whoever changes a server of it locks this row first and raises the version. */
@Entity('catalogue')
export class CatalogueRow {
  @PrimaryColumn('text')
  tenant!: string;

  @Column('integer')
  version!: number;

  @Column('integer', { name: 'calls_per_minute' })
  callsPerMinute!: number;
}
