import { Entity, PrimaryColumn } from 'typeorm';

/** A server that somebody deleted on purpose: no seed brings it back. */
@Entity('deleted_server')
export class DeletedServerRow {
  @PrimaryColumn('text')
  tenant!: string;

  @PrimaryColumn('text')
  name!: string;
}
